"""Report how the cells of a column were read: which are missing, unreadable or doubtful."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import CellType, ColumnFormat
from nfm.column_formats.date_text import ordered_shapes
from nfm.column_formats.missing_words import ERROR_CELLS
from nfm.column_formats.number_text import all_match, western_digits
from nfm.column_formats.numbers_in_parts import like_versions
from nfm.column_formats.read_column import Cells, ColumnReading, sort_of
from nfm.column_formats.text_cells import TrimmedText, arrow_texts, is_text, trimmed, word_counts
from nfm.column_formats.unit_text import SHARES, lacks_unit
from nfm.text import counted, quote

_EXAMPLES = 3
_MOST_LEVELS = 200
_SAMPLE = 20_000
_MARKS = frozenset(
    sign * int(digit * length) for sign in (1, -1) for digit in "98" for length in range(2, 8)
)
_DATE_MARKS = frozenset(
    int(np.datetime64(day, "D").astype(int))
    for day in (
        *("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"),
        *("2099-12-31", "2999-12-31", "9999-01-01", "9999-12-31"),
    )
)
_NEGATIVE_BY_STYLE = r"^\(.*\)$|[-−–]$"
_ZERO_IN_FRONT = r"^[+-]?0\d+[.,]\d"
# Whole numbers, with or without separators of thousands.
_GROUPED = r"^[+-]?(\d+|[1-9]\d{0,2}([.,]\d{3})+)$"
_CHOICES = r"^[1-9]\d?(,[1-9]\d?)?$"
_FEWEST_MARKS = 3
_FEWEST_OTHERS = 10
_FEWEST_SWAPPED = 5
_MONTHS = 12


@dataclass(frozen=True)
class ColumnReport:
    """How a column's cells were read.

    Attributes:
        missing_words: Number of cells by word, for words that count as missing.
        kept_words: Number of cells by word, for words that often mean a missing value but are
            values in this column.
        unreadable: Number of cells that the format cannot read; they count as missing.
        examples: Row, counted from 0, and text of the first different ones of them.
        case_variants: Values that differ only in case, with the number of their cells, the more
            frequent spelling first.
        without_unit: Number of cells without the column's unit that are read as if they had it.
        without_unit_example: The first of them.
        mark: A number or date far from all others that may mean a missing value, such as -9999 or
            9999-12-31; "" for none.
        mark_count: Number of cells with it.
        dates: Number of cells of a text column that are dates or times, as in a spreadsheet.
        dates_example: The text of the first of them.
        infinite: Number of cells that are infinite numbers; they count as missing.
        swapped: The first date of a sheet whose day and month a spreadsheet has probably swapped,
            because text it could not read as month first stayed text; "" for none.
        like_versions: Two texts that may be versions, such as 3.9 and 3.10; None for none.
        all_negative: The first cell if every number is in parentheses or ends in a dash, as
            accountants write negative numbers, and others years and counts; else "".
        zero_in_front: The first number with a fraction and a zero in front, such as 0805.10,
            which may be a code; "" for none.
        may_be_choices: The first number with a fraction if every one has at most two digits before
            a decimal comma and two behind it, so that it may be a list of choices; else "".
        may_be_grouped: The first number with a point, if points and commas stand only before three
            digits and there are both, or numbers of four digits and more without any: whole
            numbers of two programs, or of two languages, may have been joined; else "".
    """

    missing_words: Mapping[str, int] = field(default_factory=dict)
    kept_words: Mapping[str, int] = field(default_factory=dict)
    unreadable: int = 0
    examples: tuple[tuple[int, str], ...] = ()
    case_variants: tuple[tuple[str, int], ...] = ()
    without_unit: int = 0
    without_unit_example: str = ""
    mark: str = ""
    mark_count: int = 0
    dates: int = 0
    dates_example: str = ""
    infinite: int = 0
    swapped: str = ""
    like_versions: tuple[str, str] | None = None
    all_negative: str = ""
    zero_in_front: str = ""
    may_be_choices: str = ""
    may_be_grouped: str = ""

    def infinite_sentence(self, name: str, rows: int) -> str:
        """Say how many cells are infinite; "" if none is."""
        if not self.infinite:
            return ""
        fate = "is infinite and counts" if self.infinite == 1 else "are infinite and count"
        return f"Column {name!r}: {self.infinite:,} of {rows:,} cells {fate} as missing."

    def unread_sentence(self, name: str, column_format: ColumnFormat, rows: int) -> str:
        """Say which cells could not be read.

        Args:
            name: The column's name.
            column_format: The column's format.
            rows: Number of the column's cells.

        Returns:
            One sentence; "" if all cells could be read.
        """
        if not self.unreadable:
            return ""
        shown = ", ".join(f"{quote(text)} in row {row + 1:,}" for row, text in self.examples)
        others = self.unreadable - len(self.examples)
        more = f" and {others:,} more" if others else ""
        return (
            f"Column {name!r}: {self.unreadable:,} of {rows:,} cells cannot be read as "
            f"{column_format.describe()}, so "
            f"{'it counts' if self.unreadable == 1 else 'they count'} as missing: {shown}{more}."
        )


def report_column(
    cells: Cells, column_format: ColumnFormat, reading: ColumnReading
) -> ColumnReport:
    """Report how a column's cells were read.

    Args:
        cells: The cells before reading.
        column_format: The format by which they were read.
        reading: The result.
    """
    unreadable = np.flatnonzero(reading.unreadable)
    examples: dict[str, int] = {}
    for row in unreadable[:_SAMPLE]:
        text = _cell_text(cells, int(row))
        examples.setdefault(text, int(row))
        if len(examples) == _EXAMPLES:
            break
    lacking = _without_unit(cells, column_format, reading)
    dates = _dates_among_text(cells, column_format)
    kept: dict[str, int] = {}
    variants: tuple[tuple[str, int], ...] = ()
    if column_format.type == "text" and _are_texts(cells):
        bare = _bare(cells)
        kept = word_counts(bare, column_format.kept) if column_format.kept else {}
        variants = () if column_format.spellings else _case_variants(bare)
    return ColumnReport(
        reading.missing_words,
        kept,
        len(unreadable),
        tuple((row, text) for text, row in examples.items()),
        variants,
        len(lacking),
        _cell_text(cells, int(lacking[0])) if len(lacking) else "",
        *_missing_mark(reading.values, column_format.type),
        len(dates),
        str(reading.values.iloc[dates[0]]) if len(dates) else "",
        _infinite(reading.values) if column_format.type == "number" else 0,
        _swapped(cells, reading) if column_format.type == "date" else "",
        _like_versions(cells, column_format),
        *_doubtful_numbers(cells, column_format, reading),
    )


def _doubtful_numbers(
    cells: Cells, column_format: ColumnFormat, reading: ColumnReading
) -> tuple[str, str, str, str]:
    """Return `all_negative`, `zero_in_front`, `may_be_choices`, `may_be_grouped` of the report."""
    if column_format.type != "number" or column_format.duration or not _are_texts(cells):
        return "", "", "", ""
    known = reading.values.notna().to_numpy()[:_SAMPLE]
    texts = _first_texts(cells).filter(pa.array(known)).drop_null()
    if not len(texts):
        return "", "", "", ""
    negative = len(texts) == known.sum() and all_match(texts, _NEGATIVE_BY_STYLE)
    choices = texts.filter(pc.match_substring(texts, ","))
    zeros = texts.filter(pc.match_substring_regex(texts, _ZERO_IN_FRONT))
    return (
        texts[0].as_py() if negative and (reading.values.dropna() <= 0).all() else "",
        zeros[0].as_py() if len(zeros) else "",
        choices[0].as_py() if len(choices) and all_match(texts, _CHOICES) else "",
        _joined_groups(texts),
    )


def _joined_groups(texts: pa.ChunkedArray) -> str:
    """Return the first number with a point if other numbers show that it may be a thousand."""
    points = texts.filter(pc.match_substring(texts, "."))
    if not len(points) or not all_match(points.slice(0, 200), _GROUPED):
        return ""
    others = pc.match_substring_regex(texts, r"^[+-]?\d{1,3},|^[+-]?[1-9]\d{3}")
    return points[0].as_py() if pc.any(others).as_py() and all_match(texts, _GROUPED) else ""


def _are_texts(cells: Cells) -> bool:
    """Return whether cells are text, perhaps with values of another type among them."""
    return isinstance(cells, pa.ChunkedArray | TrimmedText) or is_text(cells)


def _first_texts(cells: Cells) -> pa.ChunkedArray:
    """Return the first cells that are text, trimmed; null elsewhere."""
    head = cells.iloc[:_SAMPLE] if isinstance(cells, pd.Series) else cells
    return _bare(head).slice(0, _SAMPLE)


def _like_versions(cells: Cells, column_format: ColumnFormat) -> tuple[str, str] | None:
    """Return two texts that are read as numbers, although they may be versions."""
    if (
        column_format.type != "number"
        or column_format.unit
        or column_format.decimal != "."
        or not _are_texts(cells)
    ):
        return None
    return like_versions(_first_texts(cells).unique().drop_null().to_pylist())


def _dates_among_text(cells: Cells, column_format: ColumnFormat) -> np.ndarray:
    """Return rows of dates and times in a text column that also has text."""
    if column_format.type != "text" or not isinstance(cells, pd.Series) or cells.dtype != object:
        return np.empty(0, dtype=np.int64)
    times = datetime.date | datetime.time | datetime.timedelta
    found = np.array([isinstance(cell, times) for cell in cells.dropna()], dtype=bool)
    return np.flatnonzero(cells.notna())[found] if is_text(cells) else np.empty(0, dtype=np.int64)


def _infinite(values: pd.Series) -> int:
    return int(np.isinf(values).sum()) if values.dtype == np.float64 else 0


def _swapped(cells: Cells, reading: ColumnReading) -> str:
    """Return a date that a spreadsheet has probably read with day and month swapped; "" for none.

    Of dates such as 13/01/2024, one that expects the month first reads those up to the 12th and
    leaves the others as text.
    """
    if not isinstance(cells, pd.Series) or cells.dtype != object:
        return ""
    moments = np.array([isinstance(cell, datetime.date) for cell in cells], dtype=bool)
    shapes = ordered_shapes([cell.strip() if isinstance(cell, str) else "" for cell in cells])
    texts = np.array(shapes, dtype=object) != ""
    days = reading.values.dt.day.to_numpy()
    moments &= ~np.isnan(days)  # NaT is a date to Python
    if min(moments.sum(), texts.sum()) < _FEWEST_SWAPPED:
        return ""
    if (days[moments] > _MONTHS).any() or (days[texts] <= _MONTHS).any():
        return ""
    return str(cells[moments].iloc[0])


def _missing_mark(values: pd.Series, kind: CellType) -> tuple[str, int]:
    """Return what may mean a missing value, and how often it occurs; "" and 0 for none.

    It is the lowest or highest number or date, of nines only (-9999, 999) or of eights, or a date
    that databases and sheets write for none. It occurs at least three times, and is farther from
    the others than these are from each other.
    """
    if kind == "date":
        days = pd.Series(values.dropna().to_numpy().astype("datetime64[D]").astype(float))
        mark, count = _far_end(days, _DATE_MARKS)
        return (str(np.datetime64(int(mark), "D")) if count else ""), count
    if kind != "number" or not pd.api.types.is_numeric_dtype(values.dtype):
        return "", 0
    # As floats: the lowest 64-bit number has no absolute value.
    mark, count = _far_end(values.dropna().astype(float), _MARKS)
    return (f"{mark:.0f}" if count else ""), count


def _far_end(values: pd.Series, marks: frozenset[int]) -> tuple[float, int]:
    """Return the end of some numbers that is one of the marks, and how often it occurs."""
    for end, inner in ((values.min(), "min"), (values.max(), "max")):
        if end not in marks:
            continue
        count = int((values == end).sum())
        others = values[(values != end) & np.isfinite(values)]
        if count < _FEWEST_MARKS or others.nunique() <= _FEWEST_OTHERS:
            continue
        if abs(getattr(others, inner)() - end) > others.max() - others.min():
            return float(end), count
    return 0.0, 0


def _without_unit(cells: Cells, column_format: ColumnFormat, reading: ColumnReading) -> np.ndarray:
    """Return rows of text cells that are numbers without the unit; for shares, typed cells too."""
    as_text = isinstance(cells, pa.ChunkedArray | TrimmedText)
    if column_format.duration and isinstance(cells, pd.Series) and cells.dtype == object:
        return np.flatnonzero([sort_of(cell) in ("whole", "number") for cell in cells])
    if column_format.type != "number" or not column_format.unit or column_format.duration:
        return np.empty(0, dtype=np.int64)
    if not as_text and not is_text(cells):
        return np.empty(0, dtype=np.int64)
    bare = western_digits(_bare(cells))
    lacks = lacks_unit(bare, column_format.unit).fill_null(column_format.unit in SHARES)
    return np.flatnonzero(lacks.to_numpy() & reading.values.notna().to_numpy())


def merged_spellings(variants: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Choose the most frequent spelling of values that differ only in case.

    Args:
        variants: `ColumnReport.case_variants`.

    Returns:
        One spelling per value.
    """
    best: dict[str, str] = {}
    for text, _ in variants:
        best.setdefault(text.lower(), text)
    return tuple(best.values())


def missing_sentences(reports: Mapping[str, ColumnReport]) -> list[str]:
    """Name the words that count as missing, those that could but do not, and case variants.

    Args:
        reports: How the cells of each column were read, by name.

    Returns:
        One sentence per word or column.
    """
    notes = []
    by_word: dict[str, list[tuple[str, int]]] = {}
    for name, report in reports.items():
        for word, count in report.missing_words.items():
            by_word.setdefault(word, []).append((name, count))
    for word, places in by_word.items():
        count = sum(number for _, number in places)
        what = "The error " if word in ERROR_CELLS else ""
        where = f"column {places[0][0]!r}"
        if len(places) > 1:
            shown = ", ".join(repr(name) for name, _ in places[:5])
            where = f"{len(places):,} columns ({shown}{', ...' if len(places) > 5 else ''})"
        notes.append(f"{what}{quote(word)} counts as missing: {counted(count, 'cell')} in {where}.")
    for name, report in reports.items():
        for word, count in report.kept_words.items():
            notes.append(
                f"Column {name!r}: {quote(word)} ({counted(count, 'cell')}) is read as a value, "
                "not as missing."
            )
        if report.case_variants:
            shown = ", ".join(f"{text!r} ({count:,})" for text, count in report.case_variants[:6])
            notes.append(f"Column {name!r} has values that differ only in case: {shown}.")
    return notes


def _cell_text(cells: Cells, row: int) -> str:
    if isinstance(cells, TrimmedText):
        return str(cells.cells[row].as_py())
    if isinstance(cells, pa.ChunkedArray):
        return str(cells[row].as_py()).strip()
    return str(cells.iloc[row]).strip()


def _bare(cells: Cells) -> pa.ChunkedArray:
    """Return the cells that are text, trimmed; null elsewhere."""
    if isinstance(cells, TrimmedText):
        return cells.cells
    if isinstance(cells, pa.ChunkedArray):
        return trimmed(cells)
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(object)
    if cells.dtype == object:
        texts = [cell if isinstance(cell, str) else None for cell in cells]
        cells = pd.Series(texts, dtype=object)
    return trimmed(arrow_texts(cells))


def _case_variants(bare: pa.ChunkedArray) -> tuple[tuple[str, int], ...]:
    """Find values that differ only in case, in a column with few different values."""
    sample = bare.slice(0, _SAMPLE).unique().drop_null().to_pylist()
    if not sample or len(sample) > min(_MOST_LEVELS, 0.5 * len(bare)):
        return ()
    groups: dict[str, list[str]] = {}
    for text in sample:
        groups.setdefault(text.lower(), []).append(text)
    doubtful = {text for group in groups.values() if len(group) > 1 for text in group}
    if not doubtful:
        return ()
    counts = word_counts(bare, doubtful)
    return tuple(sorted(counts.items(), key=lambda item: (item[0].lower(), -item[1], item[0])))

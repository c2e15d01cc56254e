"""What became of the cells of a column, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.missing_words import ERROR_CELLS
from nfm.column_formats.number_text import SHARES
from nfm.column_formats.read_column import (
    Cells,
    ColumnReading,
    TrimmedText,
    is_text,
    trimmed,
    word_counts,
)
from nfm.text import counted, quote

_EXAMPLES = 3
_MOST_LEVELS = 200
_SAMPLE = 20_000


@dataclass(frozen=True)
class ColumnAccount:
    """What became of a column's cells.

    Attributes:
        missing_words: Cells that are not blank and count as missing, and how many there are.
        kept_words: Words that often mean a missing value and are values here.
        unreadable: Number of the cells that the format cannot read; they count as missing.
        examples: The first different ones of them, with their rows, counted from 0.
        case_variants: Texts that differ in nothing but case, the more frequent one first,
            with the number of their cells.
        without_unit: Numbers that lack the unit of the column, or may mean another share
            than its text, and are taken as if they had it.
        without_unit_example: The first of them.
    """

    missing_words: Mapping[str, int] = field(default_factory=dict)
    kept_words: Mapping[str, int] = field(default_factory=dict)
    unreadable: int = 0
    examples: tuple[tuple[int, str], ...] = ()
    case_variants: tuple[tuple[str, int], ...] = ()
    without_unit: int = 0
    without_unit_example: str = ""

    def unread_sentence(self, name: str, style: ColumnFormat, rows: int) -> str:
        """Say which cells could not be read; "" if all could.

        Args:
            name: The column's name.
            style: Its format.
            rows: Number of its cells.
        """
        if not self.unreadable:
            return ""
        shown = ", ".join(f"{quote(text)} in row {row + 1:,}" for row, text in self.examples)
        more = ", ..." if self.unreadable > len(self.examples) else ""
        return (
            f"Column {name!r}: {self.unreadable:,} of {rows:,} cells cannot be read as "
            f"{style.describe()}, so {'it counts' if self.unreadable == 1 else 'they count'} as "
            f"missing: {shown}{more}."
        )


def account_for(cells: Cells, style: ColumnFormat, reading: ColumnReading) -> ColumnAccount:
    """Say what became of a column's cells.

    Args:
        cells: As they came.
        style: How they were read.
        reading: What was read.
    """
    unreadable = np.flatnonzero(reading.unreadable)
    examples: dict[str, int] = {}
    for row in unreadable[:_SAMPLE]:
        text = _cell_text(cells, int(row))
        examples.setdefault(text, int(row))
        if len(examples) == _EXAMPLES:
            break
    lacking = _without_unit(cells, style, reading)
    kept: dict[str, int] = {}
    variants: tuple[tuple[str, int], ...] = ()
    if style.type == "text" and (
        isinstance(cells, pa.ChunkedArray | TrimmedText) or is_text(cells)
    ):
        bare = _bare(cells)
        kept = _counts(bare, frozenset(style.kept)) if style.kept else {}
        variants = () if style.spellings else _case_variants(bare)
    return ColumnAccount(
        reading.missing_words,
        kept,
        len(unreadable),
        tuple((row, text) for text, row in examples.items()),
        variants,
        len(lacking),
        _cell_text(cells, int(lacking[0])) if len(lacking) else "",
    )


def _without_unit(cells: Cells, style: ColumnFormat, reading: ColumnReading) -> np.ndarray:
    """Rows of the text cells that are numbers without the unit; of shares, typed ones too."""
    as_text = isinstance(cells, pa.ChunkedArray | TrimmedText)
    if style.type != "number" or not style.unit or style.duration:
        return np.empty(0, dtype=np.int64)
    if not as_text and not is_text(cells):
        return np.empty(0, dtype=np.int64)
    bare = _bare(cells)
    lacks = pc.invert(pc.match_substring(bare, style.unit)).fill_null(style.unit in SHARES)
    return np.flatnonzero(lacks.to_numpy() & reading.values.notna().to_numpy())


def merged_spellings(variants: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Choose a spelling for texts that differ in nothing but case: the most frequent one."""
    best: dict[str, str] = {}
    for text, _ in variants:
        best.setdefault(text.lower(), text)
    return tuple(best.values())


def missing_sentences(accounts: Mapping[str, ColumnAccount]) -> list[str]:
    """Name the words that count as missing, and those that do not though they might.

    Args:
        accounts: Of every column, by name.
    """
    notes = []
    by_word: dict[str, list[tuple[str, int]]] = {}
    for name, account in accounts.items():
        for word, count in account.missing_words.items():
            by_word.setdefault(word, []).append((name, count))
    for word, places in by_word.items():
        count = sum(number for _, number in places)
        what = "An error cell, " if word in ERROR_CELLS else ""
        notes.append(
            f"{what}{quote(word)} counts as missing: {counted(count, 'cell')} in {_names(places)}."
        )
    for name, account in accounts.items():
        for word, count in account.kept_words.items():
            notes.append(
                f"Column {name!r}: {quote(word)} ({counted(count, 'cell')}) is read as a value, "
                "not as missing."
            )
        if account.case_variants:
            shown = ", ".join(f"{text!r} ({count:,})" for text, count in account.case_variants[:6])
            notes.append(f"Column {name!r} has values that differ only in case: {shown}.")
    return notes


def _names(places: list[tuple[str, int]]) -> str:
    if len(places) == 1:
        return f"column {places[0][0]!r}"
    shown = ", ".join(repr(name) for name, _ in places[:5])
    return f"{len(places):,} columns ({shown}{', ...' if len(places) > 5 else ''})"


def _cell_text(cells: Cells, row: int) -> str:
    if isinstance(cells, TrimmedText):
        return str(cells.cells[row].as_py())
    if isinstance(cells, pa.ChunkedArray):
        return str(cells[row].as_py()).strip()
    return str(cells.iloc[row]).strip()


def _bare(cells: Cells) -> pa.ChunkedArray:
    """The cells that are text, trimmed; null elsewhere."""
    if isinstance(cells, TrimmedText):
        return cells.cells
    if isinstance(cells, pa.ChunkedArray):
        return trimmed(cells)
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(object)
    if cells.dtype == object:
        cells = cells.map(lambda cell: cell if isinstance(cell, str) else None)
    made = pa.array(cells.astype("str"), from_pandas=True)
    return trimmed(
        (made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])).cast(pa.string())
    )


def _counts(bare: pa.ChunkedArray, words: frozenset[str]) -> dict[str, int]:
    return word_counts(bare.filter(pc.is_in(bare, value_set=pa.array(sorted(words), pa.string()))))


def _case_variants(bare: pa.ChunkedArray) -> tuple[tuple[str, int], ...]:
    """Find levels that differ in nothing but case, of a column that has few levels."""
    sample = bare.slice(0, _SAMPLE).unique().drop_null().to_pylist()
    if not sample or len(sample) > min(_MOST_LEVELS, 0.5 * len(bare)):
        return ()
    groups: dict[str, list[str]] = {}
    for text in sample:
        groups.setdefault(text.lower(), []).append(text)
    doubtful = {text for group in groups.values() if len(group) > 1 for text in group}
    if not doubtful:
        return ()
    counts = _counts(bare, frozenset(doubtful))
    return tuple(sorted(counts.items(), key=lambda item: (item[0].lower(), -item[1], item[0])))

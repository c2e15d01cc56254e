"""How a delimited text is written: delimiter, quote, lines before the table, header."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nfm.column_formats.missing_words import MISSING_WORDS
from nfm.errors import ReadingError
from nfm.files.header import joined_header
from nfm.files.options import DELIMITERS, FileLimits, ReadingOptions
from nfm.files.unpacking import Data

if TYPE_CHECKING:
    from _csv import Reader

_HEAD = 1 << 20
_SAMPLE_LINES = 300
_SAMPLE_BYTES = 1 << 18
_LONG_LINE = 1 << 16
NUMBER = re.compile(
    r"[+-]?(\d+([.,]\d*)?|[.,]\d+|\d{1,3}([.,'’\u00a0\u202f ]\d{3})+([.,]\d*)?)([eE][+-]?\d+)?%?",
    re.ASCII,
)

Rows = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """How the text is cut into cells, and where its rows begin.

    Attributes:
        delimiter: The character between two cells.
        quote: The character around cells, or "".
        skip_lines: Lines before the table.
        header: The names in the header line, joined where two rows name the columns; None
            if there is none.
        header_rows: How many rows name the columns.
        width: Cells of a row.
        start: Byte where the first row begins.
        padded: Whether every delimiter is followed by a space that is not part of the cell.
    """

    delimiter: str
    quote: str
    skip_lines: int
    header: tuple[str, ...] | None
    header_rows: int
    width: int
    start: int
    padded: bool


def csv_reader(lines: Iterable[str], delimiter: str, quote: str) -> Reader:
    """Python's CSV reader for a delimiter and a quote, which may be ""."""
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )


def split(lines: Sequence[str], delimiter: str, quote: str) -> Rows:
    """Cut lines into rows of cells as CSV does; empty lines give empty rows."""
    rows: Rows = []
    # A cell of more than 128 kB ends it: what was read before is sample enough.
    with contextlib.suppress(csv.Error):
        rows.extend(csv_reader(lines, delimiter, quote))
    return rows


def detect_dialect(text: Data, options: ReadingOptions, limits: FileLimits) -> Dialect:
    """Find the dialect from the first lines of a text.

    Args:
        text: UTF-8 without a byte order mark.
        options: What a person has decided; the rest is detected.
        limits: `columns` is checked on the first lines, before anything is parsed.

    Raises:
        ReadingError: Too many columns, a line without end, or no row at all.
    """
    _check_options(options)
    offset, skipped = _beginning(text, options.skip_lines)
    lines = _head_lines(text, offset)
    named = re.fullmatch(r"\"?sep=([^\w\s\"]|\t)\"?[\r\n]*", lines[0])
    if named is not None and skipped == 0:
        offset, skipped = len(lines[0].encode()), 1
        options = options.model_copy(update={"delimiter": options.delimiter or named.group(1)})
        lines = lines[1:] or [""]
    _check_width(lines[0], options, limits)
    sample = _sample(lines)
    quote = _quote(sample) if options.quote is None else options.quote
    delimiter = options.delimiter or _delimiter(sample, quote)
    if options.skip_lines is None:
        before = _preamble(split(sample, delimiter, quote))
        count = _lines_of_rows(lines, before, delimiter, quote)
        offset += _size(lines[:count])
        skipped += count
        lines = lines[count:]
    first, consumed = _first_row(lines, delimiter, quote)
    rows = [row for row in split(_sample(lines), delimiter, quote) if row]
    has_header = options.has_header
    if has_header is None:
        has_header = looks_like_header(rows) or _has_second_header(rows, options.header_rows)
    header_rows = int(has_header)
    if has_header and _has_second_header(rows, options.header_rows):
        second, more = _first_row(lines[consumed:], delimiter, quote)
        first = joined_header(first, second)
        consumed, header_rows = consumed + more, 2
        rows = rows[1:]
    first = _without_empty_end(first, rows[1:])
    width = _width(first, rows[1:])
    header = None
    if has_header:
        offset += _size(lines[:consumed])
        labelled = width > len(first) and _first_is_label(rows[1:], width)
        first[0] = first[0].removeprefix("# ")
        header = ("", *first) if labelled else tuple(first)
    padded = _is_padded(rows[has_header:])
    return Dialect(delimiter, quote, skipped, header, header_rows, width, offset, padded)


def _has_second_header(rows: Rows, header_rows: int | None) -> bool:
    """Whether the second row names columns that the first one names in groups."""
    if len(rows) < 2 or header_rows == 1:
        return False
    return header_rows == 2 or spans_columns(rows)


def spans_columns(rows: Rows) -> bool:
    """Say whether the first of some rows names groups of columns, and the second the columns.

    It does if it has two names or more, one with empty cells after it where the second row has
    names, if every column but the first has a name then and no two have the same, and if
    numbers begin below.

    Args:
        rows: Rows of cells, the header first.
    """
    upper, lower = ([cell.strip() for cell in row] for row in rows[:2])
    body = rows[2:]
    if not body or sum(map(bool, upper)) < 2 or len(lower) > len(body[0]):
        return False
    upper += [""] * (len(lower) - len(upper))
    spans = sum(
        bool(below) and not above for above, below in zip(upper[1:], lower[1:], strict=False)
    )
    if not spans or any(NUMBER.fullmatch(cell) and not _is_year(cell) for cell in lower):
        return False
    names = joined_header(upper, lower)
    numeric = sum(
        all(NUMBER.fullmatch(row[place].strip()) for row in body if len(row) > place)
        for place, below in enumerate(lower)
        if below
    )
    return all(names[1:]) and len(set(names)) == len(names) and numeric > 0


def _is_year(cell: str) -> bool:
    return re.fullmatch(r"(1[89]|20|21)\d\d", cell) is not None


def escapes_quotes(text: Data, options: ReadingOptions) -> bool:
    """Say whether quotes inside quoted cells are escaped by a backslash, not doubled.

    A backslash before a quote that cannot end its cell tells so.

    Args:
        text: UTF-8 without a byte order mark.
        options: `escape` and `quote`, where a person has decided.
    """
    if options.escape is not None or options.quote not in (None, '"'):
        return options.escape == "\\"
    inside = rb'(?:^|[,;\t|])[ ]?"(?:[^"\\\r\n]|\\.)*?\\"(?![,;\t|"\r\n])[^"\r\n]'
    return re.search(inside, bytes(text[:_HEAD]), re.MULTILINE) is not None


def double_quotes(text: Data) -> bytes:
    """Write quotes that are escaped by a backslash as CSV does, doubled."""
    return re.sub(rb'\\(["\\])', lambda match: b'""' if match[1] == b'"' else b"\\", bytes(text))


def collapse_spaces(text: Data) -> bytes:
    """Put one tab for every run of spaces and tabs outside of quotes, none at a line's ends."""
    bare = re.sub(rb"(?m)^[ \t]+|[ \t]+(?=\r?\n|\r|\Z)", b"", text)
    if b'"' not in bare:
        return re.sub(rb"[ \t]+", b"\t", bare)
    return re.sub(
        rb'"[^"\r\n]*"|[ \t]+',
        lambda match: match[0] if match[0].startswith(b'"') else b"\t",
        bare,
    )


def _check_options(options: ReadingOptions) -> None:
    delimiter, quote = options.delimiter, options.quote
    if delimiter is not None and (
        len(delimiter) != 1 or delimiter in '\r\n"' or ord(delimiter) > 126
    ):
        raise ReadingError("The delimiter must be one character, such as a comma or a semicolon.")
    if quote and (len(quote) != 1 or quote in "\r\n" or ord(quote) > 126 or quote == delimiter):
        raise ReadingError("The quote must be one character other than the delimiter, or none.")


def _beginning(text: Data, skip_lines: int | None) -> tuple[int, int]:
    """Byte and line at which the table may begin: after the lines to skip, or after empty ones."""
    if skip_lines is None:
        empty = re.match(rb"(?:[ \t]*(?:\r\n|\n|\r))*", text)
        end = 0 if empty is None else empty.end()
        return end, len(re.findall(rb"\r\n|\n|\r", text[:end]))
    end = 0
    ends = re.finditer(rb"\r\n|\n|\r", text)
    for _ in range(skip_lines):
        found = next(ends, None)
        if found is None:
            return len(text), skip_lines
        end = found.end()
    return end, skip_lines


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) for line in lines)


def _head_lines(text: Data, offset: int) -> list[str]:
    """The lines of a megabyte, with their ends; the last one only if it is whole."""
    head = bytes(text[offset : offset + _HEAD])
    lines = re.findall(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", head)
    if len(text) > offset + _HEAD and len(lines) > 1:
        lines.pop()
    return [line.decode("utf-8", "ignore") for line in lines] or [""]


def _sample(lines: Sequence[str]) -> list[str]:
    size = 0
    sample: list[str] = []
    for line in lines[:_SAMPLE_LINES]:
        if sample and len(line) > _LONG_LINE:
            continue
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_BYTES:
            break
    return sample


def _check_width(line: str, options: ReadingOptions, limits: FileLimits) -> None:
    """Refuse a first line of too many cells before the others are looked at."""
    delimiter = options.delimiter or max(DELIMITERS[:4], key=line.count)
    if line.count(delimiter) >= limits.columns:
        width = max(map(len, split([line], delimiter, '"')), default=0)
        if width > limits.columns:
            raise too_many_columns(width, limits)


def too_many_columns(count: int, limits: FileLimits) -> ReadingError:
    """The refusal of a table that is too wide."""
    return ReadingError(
        f"The table has {count:,} columns and the limit is {limits.columns:,}: "
        "remove columns that are not needed."
    )


def _quote(sample: Sequence[str]) -> str:
    """Double quotes, unless there are none and cells stand in single quotes."""
    text = "".join(sample)
    if '"' in text:
        return '"'
    wrapped = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n])", text, re.MULTILINE))
    return "'" if wrapped >= max(2, len(sample) // 2) else '"'


def _delimiter(sample: Sequence[str], quote: str) -> str:
    """The delimiter that cuts the lines most evenly into cells without other delimiters."""
    best, best_score = "", (0.0, 0.0, 0)
    for delimiter in DELIMITERS:
        if delimiter == " ":
            spaced = collapse_spaces("".join(sample).encode()).decode()
            rows = split(spaced.splitlines(keepends=True), "\t", quote)
        else:
            rows = split(sample, delimiter, quote)
        rows = [row for row in rows if row]
        width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width < 2:
            continue
        even = count / len(rows)
        cells = [cell for row in rows[:100] for cell in row]
        clean = sum(_is_clean(cell, delimiter) for cell in cells) / len(cells)
        score = (round(even * clean, 2), round(even, 2), width)
        if delimiter == " ":  # most likely by chance: only if nothing else fits
            if even < 1 or len(rows) < 3:
                continue
            score = (score[0] - 0.3, *score[1:])
        if score > best_score:
            best, best_score = delimiter, score
    return best or _unused_delimiter(sample)


def _unused_delimiter(sample: Sequence[str]) -> str:
    """For a single column of text: a delimiter that does not cut it, if there is one."""
    if "," in sample[0]:
        return ","
    text = "".join(sample)
    return next((delimiter for delimiter in DELIMITERS[:4] if delimiter not in text), ",")


def _is_clean(cell: str, delimiter: str) -> bool:
    """Whether a cell holds no other delimiter, save the decimal comma of a number."""
    if NUMBER.fullmatch(cell.strip()):
        return True
    if "  " in cell.strip():  # columns that are aligned by spaces
        return False
    if delimiter == " " and any(other in cell for other in ",;\t"):
        return False
    return not any(other in cell for other in ";\t" if other != delimiter)


def _preamble(rows: Rows) -> int:
    """Rows of titles and comments before the table, which are narrower than its rows."""
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 0
    width, count = widths.most_common(1)[0]
    if width < 2:
        return 0
    first = 0
    while first < len(rows) and (not rows[first] or rows[first][0].startswith("#")):
        first += 1
    rest = [row for row in rows[first:] if row]
    if first and len(rows[first - 1]) == width and not (rest and looks_like_header(rest)):
        first -= 1  # the last comment is the header, as NumPy writes it
    if count < 0.5 * len(rows):
        return first
    for position, row in enumerate(rows[: 30 + first]):
        filled = [bool(cell.strip()) for cell in row]
        whole = sum(filled) >= max(2, width - 1) or (len(row) == width and all(filled[1:]))
        if position >= first and whole:
            grouped = position > first and spans_columns(rows[position - 1 :])
            return position - 1 if grouped else position
    return first


def _lines_of_rows(lines: Sequence[str], count: int, delimiter: str, quote: str) -> int:
    """Lines that the first `count` rows take."""
    if count == 0:
        return 0
    reader = csv_reader(lines, delimiter, quote)
    for _ in range(count):
        next(reader, None)
    return reader.line_num


def _first_row(lines: Sequence[str], delimiter: str, quote: str) -> tuple[list[str], int]:
    """The first row that is not empty, and the number of lines up to its end."""
    reader = csv_reader(lines, delimiter, quote)
    try:
        for row in reader:
            if row:
                return row, reader.line_num
    except csv.Error:
        raise ReadingError(
            "The first line does not end or holds a cell of more than 128 kB: "
            "choose a file with a header line and rows."
        ) from None
    raise ReadingError("The file has no rows: choose a file with a header line and rows.")


def _without_empty_end(first: list[str], others: Rows) -> list[str]:
    """The header without empty cells at its end that no row has."""
    longest = max(map(len, others), default=len(first))
    while len(first) > max(longest, 1) and not first[-1].strip():
        first = first[:-1]
    return first


def _width(first: Sequence[str], others: Rows) -> int:
    """Cells of a row: the header's, unless most rows have exactly one more."""
    if others:
        width, count = Counter(map(len, others)).most_common(1)[0]
        if width == len(first) + 1 and count > 0.9 * len(others) and len(first) > 1:
            return width
    return len(first)


def _first_is_label(rows: Rows, width: int) -> bool:
    """Whether the surplus cell is the first (R's row names), not an empty last one."""
    return any(row[-1].strip() for row in rows if len(row) == width)


def _is_padded(rows: Rows) -> bool:
    return (
        len(rows) >= 3
        and len(rows[0]) > 1
        and all(cell[:1] == " " or not cell for row in rows[:-1] for cell in row[1:])
    )


def looks_like_header(rows: Rows) -> bool:
    """Decide whether the first of some rows names the columns.

    Every column votes: for a header if it holds numbers (or dates) and its first cell is
    none, against it if the first cell is a number as well, or a value that recurs below.

    Args:
        rows: At least one row of cells.
    """
    first = [cell.strip() for cell in rows[0]]
    if len(rows) < 2:
        return not any(NUMBER.fullmatch(cell) for cell in first)
    if len(first) > 1 and first == [str(position) for position in range(len(first))]:
        return True  # as pandas writes a table without names
    votes = repeated = texts = named = 0
    for position, name in enumerate(first):
        column = [row[position].strip() for row in rows[1:] if len(row) > position]
        column = [cell for cell in column if cell not in MISSING_WORDS]
        if not column:
            continue
        numbers = sum(NUMBER.fullmatch(cell) is not None for cell in column) / len(column)
        if numbers > 0.9:
            if NUMBER.fullmatch(name):
                votes -= 0 if _is_year(name) else 1
            elif name not in MISSING_WORDS:
                votes += 1
                named += 1
            continue
        texts += 1
        dates = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
        if sum(dates.fullmatch(cell) is not None for cell in column) > 0.9 * len(column):
            votes += -1 if dates.fullmatch(name) else 1
        elif len(column) >= 3 and name in column:
            repeated += 1
    if named and _counts_up(first):
        return True
    if votes:
        return votes > 0
    if repeated * 2 >= max(texts, 1) and repeated:
        return False
    return not all(NUMBER.fullmatch(cell) or cell in MISSING_WORDS for cell in first)


def _counts_up(first: Sequence[str]) -> bool:
    """Whether the numbers among the cells are 1, 2, 3 ..., as columns are numbered."""
    numbers = [cell for cell in first if NUMBER.fullmatch(cell)]
    return len(numbers) >= 3 and numbers == [str(place + 1) for place in range(len(numbers))]

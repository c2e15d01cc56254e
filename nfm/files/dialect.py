"""How a delimited text is written: delimiter, quote, lines before the table, header."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nfm.errors import ReadingError
from nfm.files.header import (
    NUMBER,
    Rows,
    has_descriptions,
    joined_header,
    looks_like_header,
    repeats_allowed,
    spans_columns,
)
from nfm.files.options import DELIMITERS, FileLimits, ReadingOptions
from nfm.files.unpacking import Data, too_many_columns

if TYPE_CHECKING:
    from _csv import Reader

_HEAD = 1 << 20
_SAMPLE_LINES = 300
_SAMPLE_BYTES = 1 << 18
_LONG_LINE = 1 << 16


@dataclass(frozen=True)
class Dialect:
    """How the text is cut into cells, and where its rows begin.

    Attributes:
        delimiter: The character between two cells.
        quote: The character around cells, or "".
        skip_lines: Number of lines before the table.
        header: The names in the header, joined if two rows name the columns; None if there is
            no header.
        header_rows: Number of rows that name the columns.
        description_rows: Number of rows below them that describe the columns, as Qualtrics writes.
        header_start: Byte where the header begins; `start` if there is no header.
        repeats_allowed: Which share of the lines may repeat the header, as `header.repeats_allowed`
            says.
        width: Number of cells per row.
        surplus: Whether the rows have one cell more than the header: row names, as R writes them,
            or a number with a comma that is not in quotes.
        start: Byte where the first row begins.
        padded: Whether each delimiter is followed by a space that is not part of the cell.
    """

    delimiter: str
    quote: str
    skip_lines: int
    header: tuple[str, ...] | None
    header_rows: int
    description_rows: int
    header_start: int
    repeats_allowed: float
    width: int
    surplus: bool
    start: int
    padded: bool


def csv_reader(lines: Iterable[str], delimiter: str, quote: str) -> Reader:
    """Return Python's CSV reader for a delimiter and a quote; a quote of "" means none."""
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )


def split(lines: Sequence[str], delimiter: str, quote: str) -> Rows:
    """Cut lines into rows of cells as CSV does; empty lines give empty rows."""
    rows: Rows = []
    # A cell of more than 128 kB ends the reading; the rows before it are a large enough sample.
    with contextlib.suppress(csv.Error):
        rows.extend(csv_reader(lines, delimiter, quote))
    return rows


def detect_dialect(text: Data, options: ReadingOptions, limits: FileLimits) -> Dialect:
    """Detect the dialect of a text from its first lines.

    Args:
        text: UTF-8 without a byte order mark.
        options: The options that are not None are used as they are; the others are detected.
        limits: `columns` is checked before the text is parsed.

    Raises:
        ReadingError: An option is invalid, or the text has too many columns, a first line that
            does not end, or no row.
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
        offset += len("".join(lines[:count]).encode())
        skipped += count
        lines = lines[count:]
    first, consumed = _first_row(lines, delimiter, quote)
    rows = [row for row in split(_sample(lines), delimiter, quote) if row]
    two_rows = len(rows) >= 2 and options.header_rows != 1
    two_rows = two_rows and (options.header_rows == 2 or spans_columns(rows))
    has_header = options.has_header
    described = has_header is not False and has_descriptions(rows)
    if has_header is None:
        has_header = two_rows or described or looks_like_header(rows)
    header_rows = int(has_header)
    if has_header and two_rows:
        second, more = _first_row(lines[consumed:], delimiter, quote)
        first = joined_header(first, second)
        consumed, header_rows = consumed + more, 2
        rows = rows[1:]
    elif described:
        consumed += _lines_of_rows(lines[consumed:], 2, delimiter, quote)
        rows = [rows[0], *rows[3:]]
    longest = max(map(len, rows[1:]), default=len(first))
    while len(first) > max(longest, 1) and not first[-1].strip():
        first = first[:-1]  # an empty cell at the end of the header that no row has
    width = _width(first, rows[1:])
    header, header_start, surplus = None, offset, False
    if has_header:
        offset += len("".join(lines[:consumed]).encode())
        first[0] = first[0].removeprefix("# ")
        header = tuple(first)
        # R writes row names under no header cell; a surplus cell at the end is empty.
        if width > len(first) and any(row[-1].strip() for row in rows[1:] if len(row) == width):
            header, surplus = ("", *first), True
    body = rows[has_header:]
    padded = (
        len(body) >= 3
        and len(body[0]) > 1
        and all(cell[:1] == " " or not cell for row in body[:-1] for cell in row[1:])
    )
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        skip_lines=skipped,
        header=header,
        header_rows=header_rows,
        description_rows=2 if described and header_rows == 1 else 0,
        header_start=header_start,
        repeats_allowed=repeats_allowed(rows) if has_header else 0,
        width=width,
        surplus=surplus,
        start=offset,
        padded=padded,
    )


def escapes_quotes(text: Data, options: ReadingOptions) -> bool:
    """Return whether quotes inside quoted cells are escaped by a backslash instead of doubled.

    They are if a backslash precedes a quote that cannot end its cell.

    Args:
        text: UTF-8 without a byte order mark.
        options: `escape` and `quote` are used if they are not None.
    """
    if options.escape is not None or options.quote not in (None, '"'):
        return options.escape == "\\"
    inside = rb'(?:^|[,;\t|])[ ]?"(?:[^"\\\r\n]|\\.)*?\\"(?![,;\t|"\r\n])[^"\r\n]'
    return re.search(inside, bytes(text[:_HEAD]), re.MULTILINE) is not None


def double_quotes(text: Data) -> bytes:
    """Replace quotes that are escaped by a backslash with doubled quotes, as CSV has them."""
    return re.sub(rb'\\(["\\])', lambda match: b'""' if match[1] == b'"' else b"\\", bytes(text))


def collapse_spaces(text: Data) -> bytes:
    """Replace each run of spaces and tabs outside quotes with one tab; strip each line of them."""
    # A run is only tried from its first character: a long one would take its length squared.
    bare = re.sub(rb"(?m)^[ \t]+|(?<![ \t])[ \t]++(?=\r?\n|\r|\Z)", b"", text)
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
    """Return byte and line at which the table may begin: after skipped lines or empty lines."""
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


def _head_lines(text: Data, offset: int) -> list[str]:
    """Return the lines of one megabyte with their ends; the last one only if it is whole."""
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
    """Refuse a first line of too many cells before the other lines are read."""
    delimiter = options.delimiter or max(DELIMITERS[:4], key=line.count)
    if line.count(delimiter) >= limits.columns:
        width = max(map(len, split([line], delimiter, '"')), default=0)
        if width > limits.columns:
            raise too_many_columns(width, limits)


def _quote(sample: Sequence[str]) -> str:
    """Return the double quote, unless there is none and cells are in single quotes."""
    text = "".join(sample)
    if '"' in text:
        return '"'
    wrapped = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n])", text, re.MULTILINE))
    return "'" if wrapped >= max(2, len(sample) // 2) else '"'


def _delimiter(sample: Sequence[str], quote: str) -> str:
    """Return the delimiter that cuts the lines most evenly into cells without other delimiters.

    One that cuts every line, the header too, into as many cells comes before the others: each cell
    of a column may contain another delimiter, but the column's name rarely does.
    """
    best, best_score = "", (False, 0.0, 0.0, 0)
    all_quoted = all(line.startswith('"') for line in sample if line.strip())
    for delimiter in DELIMITERS:
        if delimiter == " ":
            spaced = collapse_spaces("".join(sample).encode()).decode()
            rows = split(spaced.splitlines(keepends=True), "\t", quote)
        else:
            rows = split(sample, delimiter, quote)
        rows = [row for row in rows if row]
        width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if delimiter == " " and rows and len(rows[0]) == width - 1 and all_quoted:
            rows = rows[1:]  # R's row names have no name of their own
        if width < 2:
            continue
        even = count / len(rows)
        cells = [cell for row in rows[:100] for cell in row]
        clean = sum(_is_clean(cell, delimiter) for cell in cells) / len(cells)
        score = (even == 1, round(even * clean, 2), round(even, 2), width)
        if delimiter == " ":  # usually a coincidence: only if nothing else fits
            if even < 1 or len(rows) < 3:
                continue
            score = (False, score[1] - 0.3, *score[2:])
        if score > best_score:
            best, best_score = delimiter, score
    if best or "," in sample[0]:
        return best or ","
    # A single column of text: a delimiter that does not cut it, if there is one.
    text = "".join(sample)
    return next((delimiter for delimiter in DELIMITERS[:4] if delimiter not in text), ",")


def _is_clean(cell: str, delimiter: str) -> bool:
    """Return whether a cell contains no other delimiter except the decimal comma of a number."""
    if NUMBER.fullmatch(cell.strip()):
        return True
    if "  " in cell.strip():  # columns that are aligned by spaces
        return False
    if delimiter == " " and any(other in cell for other in ",;\t"):
        return False
    return not any(other in cell for other in ";\t" if other != delimiter)


def _preamble(rows: Rows) -> int:
    """Return how many rows of titles and comments, narrower than the table, precede it."""
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
    """Return how many lines the first `count` rows take."""
    if count == 0:
        return 0
    reader = csv_reader(lines, delimiter, quote)
    for _ in range(count):
        next(reader, None)
    return reader.line_num


def _first_row(lines: Sequence[str], delimiter: str, quote: str) -> tuple[list[str], int]:
    """Return the first row that is not empty, and the number of lines up to its end."""
    reader = csv_reader(lines, delimiter, quote)
    try:
        for row in reader:
            if row:
                return row, reader.line_num
    except csv.Error:
        raise ReadingError(
            "The first line does not end or has a cell of more than 128 kB: "
            "choose a file with a header row and rows."
        ) from None
    raise ReadingError("The file has no rows: choose a file with a header row and rows.")


def _width(first: Sequence[str], others: Rows) -> int:
    """Return the cells per row: the header's, unless nearly all rows have exactly one more."""
    if others:
        width, count = Counter(map(len, others)).most_common(1)[0]
        if width == len(first) + 1 and count > 0.9 * len(others) and len(first) > 1:
            return width
    return len(first)

"""Read delimited text files (CSV, TSV) of any common encoding and dialect as raw cells."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import takewhile

import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.missing_words import MISSING_WORDS
from nfm.column_formats.text_cells import trimmed, without_words
from nfm.errors import ReadingError
from nfm.files.charset import to_utf8
from nfm.files.csv_parser import parse
from nfm.files.dialect import (
    Dialect,
    collapse_spaces,
    detect_dialect,
    double_quotes,
    escapes_quotes,
    split,
)
from nfm.files.header import (
    index_note,
    is_saved_index,
    named_like_index,
    repeats_note,
    unique_names,
)
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.raw_table import FileFormat, RawColumn, RawTable
from nfm.files.row_sampling import sample_lines
from nfm.files.unpacking import Data, too_many_columns
from nfm.files.unwrapping import unwrapped
from nfm.text import counted, quote

# A text of more bytes is read in several passes, each of which keeps some of its columns.
_LARGE = 8 << 20
_PASSES = 3
_HEAD_BYTES = 4 << 20
_HEAD_ROWS = 20_000
_HEAD_COLUMNS = 300
_STEP = 1 << 20
# In a file of one column it may be a row without a value.
_BLANK_LINE = re.compile(rb"(?<=\n)[ \t]*\r?\n")
# Programs also write a table of a web page alone and call it a workbook.
_WEB_PAGE = re.compile(
    rb"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+"  # possessive, so that many comments take no time
    rb"<(?:!doctype|html|head|body|meta|title|style|link|table|thead|tbody|tr|div)[\s/>]",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(r"[-+(]?\d[\d.,']*\)?")
_FEWEST_NUMBERED = 5
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "spaces"}


def read_delimited(data: Data, options: ReadingOptions, limits: FileLimits) -> RawTable:
    """Cut a delimited text into raw cells; if it is large, some columns at a time.

    Args:
        data: The file, in any encoding that is known.
        options: The options that are not None are used as they are; the others are detected.
        limits: The largest table that is read; checked while parsing.

    Raises:
        ReadingError: The text is not a table, has lines with too many cells, or exceeds a limit.
    """
    text, encoding, replaced = to_utf8(data, options.encoding)
    del data  # the text may be a copy, and one in memory is enough
    _refuse_markup(bytes(text[:2048]))
    around: tuple[str, ...] = ()
    if options.rules != "legacy":
        text, around = unwrapped(text)
    escaped = escapes_quotes(text, options)
    if escaped:
        text = double_quotes(text)
    dialect = detect_dialect(text, options, limits)
    delimiter = dialect.delimiter
    if delimiter == " ":
        text = collapse_spaces(text)
        tabs = options.model_copy(update={"delimiter": "\t"})
        dialect = detect_dialect(text, tabs, limits)
    width = dialect.width
    if width > limits.columns:
        raise too_many_columns(width, limits)
    names, notes = unique_names(dialect.header, width)
    repeats: tuple[str, ...] = ()
    if options.rules != "legacy":
        text, repeats = _without_repeated_header(text, dialect)
        text, blank_lines = _without_blank_end(text, dialect)
        notes = [*notes, *blank_lines]
    if options.sample_rows:
        text, sampled = sample_lines(text, dialect.start, width, limits)
        notes = [*sampled, *notes]
    used = options.model_copy(
        update={
            "encoding": encoding,
            "delimiter": delimiter,
            "escape": "\\" if escaped else "",
            "quote": dialect.quote,
            "has_header": dialect.header is not None,
            "header_rows": dialect.header_rows or None,
            "skip_lines": dialect.skip_lines,
        }
    )
    cut = partial(_cut, dialect=dialect, limits=limits, options=used)
    large = len(text) > _LARGE and text.count(b'"') % 2 == 0
    step = -(-width // _PASSES) if large else width
    header = None if dialect.header is None else [*dialect.header, *[""] * width][:width]
    nameless = [place for place, cell in enumerate(header or ()) if not cell.strip()]
    cells, repaired = cut(text, wanted=sorted({*range(step), *nameless}))
    if width == 1 and (blank := _BLANK_LINE.findall(bytes(text[dialect.start :]).strip())):
        repaired = (*repaired, f"Left out {counted(len(blank), 'blank line')} between the others.")
    if dialect.surplus:
        repaired = (*repaired, *_surplus_cells(cells[0], dialect))
    skipped = _skipped_lines(text, dialect) if options.skip_lines is None else []
    empty = _empty_columns(cells, nameless, width, used)
    index = _saved_index(cells, header, empty, options.leave_out_index)
    used = used.model_copy(update={"leave_out_index": bool(index)})
    left_out = {*index, *empty}
    if index:
        notes.append(index_note(len(index)))
    if empty:
        notes.append(f"Left out {counted(len(empty), 'column')} without a name and values.")
    if named := set(nameless) - left_out:
        notes.append(f"Named {counted(len(named), 'column')} without a name by position.")
    if dialect.header_rows == 2:
        notes.insert(0, "Joined the names of two header rows.")
    if dialect.description_rows:
        notes.insert(
            0, "Left out the two rows below the header: a survey's questions and their ids."
        )
    if escaped:
        notes.insert(0, "Read a backslash before a quote as part of the cell's text.")

    def columns() -> Iterator[tuple[str, RawColumn]]:
        for place, name in enumerate(names):
            if place not in cells:
                cells.update(cut(text, wanted=range(place, min(place + step, width)))[0])
            column = cells.pop(place)
            if place not in left_out:
                yield name, column
            del column
            pa.default_memory_pool().release_unused()

    def heads() -> dict[str, pa.ChunkedArray]:
        some = range(0, width, -(-width // _HEAD_COLUMNS))
        found = cells
        if large:  # the first whole lines are enough
            end = text.rfind(b"\n", dialect.start, dialect.start + _HEAD_BYTES) + 1
            found = cut(text[:end] if end > dialect.start + 1 else text, wanted=some)[0]
        return {names[place]: found[place].slice(0, _HEAD_ROWS) for place in some}

    layout = "without a header row" if header is None else "with a header row"
    if dialect.skip_lines:
        layout += f", {counted(dialect.skip_lines, 'line')} before the table"
    return RawTable(
        names=tuple(name for place, name in enumerate(names) if place not in left_out),
        columns=columns(),
        options=used,
        notes=(*replaced, *around, *repeats, *repaired, *notes),
        repairs=(*skipped, *replaced, *around, *repeats, *repaired),
        read_as=f"Read as {encoding}, delimiter {_DELIMITER_NAMES.get(delimiter, repr(delimiter))}",
        layout=layout,
        heads=heads,
    )


def _surplus_cells(first: pa.ChunkedArray, dialect: Dialect) -> tuple[str, ...]:
    """Return a note if the first cells of rows with a surplus cell do not look like row names."""
    names = [text.strip() for text in first.slice(0, _HEAD_ROWS).to_pylist() if text]
    numbers = [text for text in names if _NUMBER.fullmatch(text)]
    if len(set(names)) == len(names) and not numbers:
        return ()
    whole = [int(text) for text in numbers if text.isdecimal()]
    numbered = len(whole) > 1 and whole == [*range(1, len(whole) + 1)]
    rising = len(whole) >= _FEWEST_NUMBERED and all(map(operator.lt, whole, whole[1:]))
    if len(whole) == len(names) and (numbered or rising):
        return ()
    mark = quote(dialect.delimiter)
    return (
        f"Each row has one cell more than the header, and the first cells, such as "
        f"{quote(names[0] if names else '')}, were read as names of the rows. Check this: if a "
        f"number has a {mark} in it, put it in quotes, or separate the cells by another character.",
    )


def _without_repeated_header(text: Data, dialect: Dialect) -> tuple[Data, tuple[str, ...]]:
    """Empty the lines that repeat the header, where files were joined; return a note on them."""
    header = bytes(text[dialect.header_start : dialect.start]).strip(b"\r\n")
    if not header or not dialect.repeats_allowed or text.find(header, dialect.start) < 0:
        return text, ()
    # A file that was joined may begin with a byte order mark.
    line = re.compile(rb"(?<=[\r\n])(?:\xef\xbb\xbf)?" + re.escape(header) + rb"(?=[\r\n]|\Z)")
    starts = [found.start() for found in line.finditer(text, dialect.start - 1)]
    lines = _line_ends(text, dialect.start, len(text))
    if not starts or len(starts) > dialect.repeats_allowed * lines:
        return text, ()
    numbers, last, before = [], 0, 0
    for start in starts:
        before += _line_ends(text, last, start)
        last = start
        numbers.append(before + 1)
    # Empty lines are no rows, and the other lines keep their numbers.
    ends = re.sub(rb"[^\r\n]", b"", header)
    rest = line.sub(ends, text[dialect.start - 1 :])[1:]
    return text[: dialect.start] + rest, repeats_note("line", numbers)


def _without_blank_end(text: Data, dialect: Dialect) -> tuple[Data, tuple[str, ...]]:
    """Leave out lines of delimiters and blanks after the last row; return a note on them."""
    if dialect.width == 1:
        return text, ()  # a blank line may be a row
    blank = dialect.delimiter.encode() + b" \t\r\n"
    end = len(text)
    while end > dialect.start and (part := bytes(text[max(dialect.start, end - _STEP) : end])):
        kept = part.rstrip(blank)
        end -= len(part) - len(kept)
        if kept:
            break
    if end == dialect.start:
        return text, ()
    last = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)?").match(text, end)
    end = end if last is None else last.end()
    rows = sum(dialect.delimiter.encode() in line for line in bytes(text[end:]).splitlines())
    if not rows:
        return text, ()
    return text[:end], (f"Left out {counted(rows, 'blank row')} after the last one.",)


def _line_ends(text: Data, start: int, end: int) -> int:
    return text.count(b"\n", start, end) or text.count(b"\r", start, end)


def _skipped_lines(text: Data, dialect: Dialect) -> list[str]:
    """Name the lines before the table, comments aside: they may be its header and first rows."""
    lines = bytes(text[: dialect.start]).splitlines()[: dialect.skip_lines]
    titles = [line for line in lines if line.strip() and not line.startswith((b"#", b"sep="))]
    if not titles:
        return []
    shown = quote(titles[0].decode(errors="replace"))
    notes = [f"Left out {counted(len(titles), 'line')} before the table, beginning with {shown}."]
    last = titles[-1].decode(errors="replace")
    cells = next(iter(split([last], dialect.delimiter, dialect.quote)), [])
    if dialect.header is None and titles[-1] == lines[-1] and 1 < len(cells) < dialect.width:
        notes.append(
            f"The rows have {dialect.width:,} cells, but the line above them, {quote(last)}, has "
            f"{len(cells):,}: if it is the header, cells probably contain a decimal comma or a "
            "delimiter. Put these cells in quotes, or export the table with semicolons."
        )
    return notes


def _cut(
    text: Data,
    *,
    dialect: Dialect,
    limits: FileLimits,
    options: ReadingOptions,
    wanted: Sequence[int],
) -> tuple[dict[int, pa.ChunkedArray], tuple[str, ...]]:
    """Return some columns of the text by position, and notes on what was repaired."""
    found = parse(
        text, dialect, limits, leave_out_broken=options.leave_out_broken_lines, wanted=wanted
    )
    trim = pc.utf8_trim_whitespace if dialect.padded else lambda column: column
    return {
        place: trim(column) for place, column in zip(wanted, found.columns, strict=True)
    }, found.notes


def _empty_columns(
    cells: dict[int, pa.ChunkedArray], nameless: list[int], width: int, options: ReadingOptions
) -> list[int]:
    """Return positions of columns without a name and without values; [] if these are all."""
    words = frozenset(MISSING_WORDS if options.missing is None else options.missing)
    empty = [
        place for place in nameless if not without_words(trimmed(cells[place]), words).drop_null()
    ]
    return empty if len(empty) < width else []


def _saved_index(
    cells: dict[int, pa.ChunkedArray],
    header: list[str] | None,
    empty: list[int],
    wanted: bool | None,
) -> list[int]:
    """Return positions of the first columns if pandas saved them as an index, even repeatedly."""
    if header is None or wanted is False:
        return []
    index = list(
        takewhile(
            lambda place: (
                named_like_index(header[place])
                if wanted
                else is_saved_index(header[place], cells[place])
            ),
            sorted(cells),
        )
    )
    return index if len({*index, *empty}) < len(header) else []


def _refuse_markup(head: bytes) -> None:
    """Refuse text of other kinds, which a CSV reader would read as one meaningless column."""
    start = head.lstrip()[:64].lower()
    if _WEB_PAGE.match(head) is not None:
        raise ReadingError("The file is a web page, not a table: download the data itself, as CSV.")
    if start.startswith((b"<?xml", b"<svg")):
        raise ReadingError("The file is XML, not a table: save the table as CSV.")
    bare = b"".join(start.split())
    if bare.startswith((b'{"', b"[{", b"[[", b'["', b"{}", b"[]")):
        raise ReadingError("The file is JSON, not a table: save the table as JSON Lines or CSV.")
    if start.startswith((b"@relation", b"%!ps")):
        raise ReadingError("The file is ARFF or PostScript, not CSV: save the table as CSV.")


FORMAT = FileFormat(
    key="text",
    name="CSV",
    suffixes=(".csv", ".tsv"),
    options=(
        "encoding",
        "delimiter",
        "quote",
        "escape",
        "decimal",
        "has_header",
        "header_rows",
        "leave_out_index",
        "skip_lines",
        "missing",
        "leave_out_broken_lines",
        "sample_rows",
    ),
    recognises=lambda data: True,
    read=read_delimited,
)

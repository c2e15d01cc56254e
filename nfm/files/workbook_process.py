"""Read a workbook in a process of its own, with limits on memory and time.

A small file can become very large when it is unpacked, and calamine reads a whole sheet at once.
This module is therefore run as a script. It reads a request and the file from its standard input
and writes pickles: the names of the sheets, then rows, then None. To start quickly, it imports
nothing from this package.
"""

from __future__ import annotations

import io
import json
import pickle
import re
import sys
import zipfile
from typing import IO, Any

_CHUNK = 5_000
_MERGED = 100_000
# A sheet with more cells than its file has bytes is nearly empty, with a cell far from the others.
_SPARSE = 2_000_000
# Excel has no more rows. A row that comes again replaces the one before, and a text that no cell
# has is never shown: a file with many of them was made to take time.
_ROWS = 1_048_576
_SPARE_TEXTS = 10_000
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^<>]*?\br\s*=\s*["'](\d{1,9})["']""")
# Excel's last cell is XFD1048576; calamine makes room for any cell that it is told of.
_FAR_CELL = re.compile(
    rb"""<(?:\w+:)?c\b[^<>]*?\br\s*=\s*["'](?:[A-Za-z]{4}|[A-Za-z]{1,3}[0-9]{8})"""
)
_ROW_TAG = re.compile(rb"<(?:\w+:)?row\b")
_TEXT_TAG = re.compile(rb"<(?:\w+:)?si\b")
_TEXT_CELL = re.compile(rb"""\bt\s*=\s*["']s["']""")
_SHEET = re.compile(r"(?i)xl/worksheets/.*\.xml$")
# A formula without a value after it: no spreadsheet has stored its result. A text may be empty.
_NO_RESULT = re.compile(
    rb"""<(?:\w+:)?c\b(?![^<>]*\bt\s*=\s*["']str)[^<>]*>\s*"""
    rb"<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
# An error differs from an empty cell only if it is written as text.
_ERROR_XLSX = re.compile(rb"""(<(?:\w+:)?c\b[^<>]*?\bt\s*=\s*["'])e(["'])""")
_ERROR_ODS = re.compile(rb"""<table:table-cell\b[^<>]*calcext:value-type="error"[^<>]*>""")
_STRING_VALUE = re.compile(rb"""\soffice:(?:string-value|value)="[^"]*\"""")


def main() -> None:
    """Answer the request on the standard input."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit(request["memory"], request["seconds"])
    try:
        _answer(sys.stdin.buffer.read(), request["sheet"], sys.stdout.buffer)
    except BaseException as error:  # a panic of calamine is not an Exception
        pickle.dump({"error": type(error).__name__}, sys.stdout.buffer)


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _answer(data: bytes, wanted: str | None, answer: IO[bytes]) -> None:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    if problem := _repetition(data):
        pickle.dump({"error": problem}, answer)
        return
    book = CalamineWorkbook.from_filelike(io.BytesIO(_with_errors_as_text(data)))
    worksheets = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    sheets = [each.name for each in worksheets]
    # Hidden sheets last: the table is what a person sees.
    shown = sorted(worksheets, key=lambda each: each.visible != SheetVisibleEnum.Visible)
    names = [wanted] if wanted is not None else [each.name for each in shown]
    for name in names if wanted is None or wanted in sheets else []:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is not None and sheet.end is not None:
            (top, left), (bottom, right) = sheet.start, sheet.end
            area = (bottom - top + 1) * (right - left + 1)
            if area > max(_SPARSE, _unpacked_size(data)):
                pickle.dump({"error": "Sparse", "row": bottom + 1}, answer)
                return
            merged = list(sheet.merged_cell_ranges or [])[:_MERGED]
            opening = {"sheet": name, "sheets": sheets, "merged": merged, "left": left}
            opening["without_result"] = _formulas_without_result(data)
            pickle.dump(opening, answer)
            _write_rows(sheet.iter_rows(), answer)
            return
    empty = {"sheet": None, "sheets": sheets, "merged": [], "left": 0, "without_result": 0}
    pickle.dump(empty, answer)
    pickle.dump(None, answer)


def _repetition(data: bytes) -> str:
    """Return what a workbook has far too often: "Rows" or "Texts"; empty if there is nothing.

    Sheets and texts are recognised by their content, because their files may have any names.
    """
    texts = text_cells = 0
    if not data.startswith(b"PK"):
        return ""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            part = archive.read(entry)
            if _ROW_TAG.search(part):
                if _FAR_CELL.search(part):
                    return "Rows"
                # One search after the other, so that a hostile part is not searched to no use.
                numbers = _ROW.findall(part)
                if len(set(numbers)) < len(numbers):
                    return "Rows"
                if sum(1 for _ in _ROW_TAG.finditer(part)) > _ROWS:
                    return "Rows"
                text_cells += sum(1 for _ in _TEXT_CELL.finditer(part))
            texts += sum(1 for _ in _TEXT_TAG.finditer(part))
    return "Texts" if texts > text_cells + _SPARE_TEXTS else ""


def _formulas_without_result(data: bytes) -> int:
    """Return the number of formulas, in all sheets, that calamine reads as empty cells."""
    if not data.startswith(b"PK"):
        return 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if _SHEET.match(name)]
        return sum(1 for name in sheets for _ in _NO_RESULT.finditer(archive.read(name)))


def _unpacked_size(data: bytes) -> int:
    if not data.startswith(b"PK"):
        return len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _write_rows(rows: Any, answer: IO[bytes]) -> None:
    chunk: list[tuple[int, list[Any]]] = []
    for number, row in enumerate(rows):
        while row and row[-1] == "":
            row.pop()
        if row:
            chunk.append((number, row))
        if len(chunk) == _CHUNK:
            pickle.dump(chunk, answer)
            chunk = []
    pickle.dump(chunk, answer)
    pickle.dump(None, answer)


def _with_errors_as_text(data: bytes) -> bytes:
    """Return the file with the errors in its cells, such as #DIV/0!, changed to text."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        changed = {}
        for name in archive.namelist():
            if _SHEET.match(name):
                text = archive.read(name)
                if _ERROR_XLSX.search(text):
                    changed[name] = _ERROR_XLSX.sub(rb"\1str\2", text)
            elif name == "content.xml":
                text = archive.read(name)
                if _ERROR_ODS.search(text):
                    changed[name] = _ERROR_ODS.sub(
                        lambda tag: _STRING_VALUE.sub(b"", tag.group()), text
                    )
        if not changed:
            return data
        rewritten = io.BytesIO()
        with zipfile.ZipFile(rewritten, "w") as copy:
            for name in dict.fromkeys(archive.namelist()):
                copy.writestr(name, changed.get(name) or archive.read(name))
        return rewritten.getvalue()


if __name__ == "__main__":
    main()

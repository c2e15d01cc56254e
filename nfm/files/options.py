"""What a person may say about a file, and how large a file may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from nfm.column_formats.column_format import ColumnFormat

# Encodings and delimiters that a form offers; reading detects all of these by itself.
ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp874",
    "iso-8859-2",
    "koi8-r",
    "gb18030",
    "big5",
    "cp949",
    "shift_jis",
    "euc_jp",
)
# A space stands for any run of spaces and tabs.
DELIMITERS = (",", ";", "\t", "|", " ")

# Each is found out with the help of those before it.
_DECIDE_THE_NEXT = (
    "encoding",
    "sheet",
    "escape",
    "delimiter",
    "quote",
    "skip_lines",
    "has_header",
    "header_rows",
    "leave_out_index",
    "decimal",
)


class ReadingOptions(BaseModel):
    r"""How a file is read; None stands for "find out from the content".

    Attributes:
        encoding: Name of the text encoding, one of `ENCODINGS` or any that Python knows.
        delimiter: The one character between two cells.
        quote: The character around cells that hold a delimiter; "" for none.
        escape: What stands before a quote inside a quoted cell: "\" or "", where such quotes
            are doubled, as in CSV.
        decimal: Decimal mark of the numbers.
        has_header: Whether the first line of the table names the columns.
        header_rows: How many rows name the columns, if any does: 2 where the upper one holds
            names of several columns, which are put before their own ("2023 / Q1").
        leave_out_index: Whether the column that pandas saves as its index is left out.
        skip_lines: Lines before the table that do not belong to it (titles, comments).
        missing: Cells that are missing values.
        sheet: Name of the sheet of an Excel file.
        leave_out_broken_lines: Whether lines with too many cells are left out; if not,
            the first of them is named in an error.
        formats: How each column is read, by name; None: found out from the cells. Columns
            that are not named are found out too.
        rules: "legacy": as before there were formats, for data sets that were stored then.
        sample_rows: Whether of a table with more rows or cells than a limit evenly spaced
            rows are read; if not, it is refused.

    Example:
        >>> from nfm import ReadingOptions, read_table
        >>> read_table(b"a;b|c;d", ReadingOptions(delimiter="|", has_header=False)).shape
        (1, 2)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: Literal["", "\\"] | None = None
    decimal: Literal[".", ","] | None = None
    has_header: bool | None = None
    header_rows: Literal[1, 2] | None = None
    leave_out_index: bool | None = None
    skip_lines: NonNegativeInt | None = None
    missing: tuple[str, ...] | None = None
    sheet: str | None = None
    leave_out_broken_lines: bool = False
    sample_rows: bool = False
    formats: tuple[tuple[str, ColumnFormat], ...] | None = None
    rules: Literal["formats", "legacy"] = "formats"

    def with_format(self, name: str, style: ColumnFormat) -> ReadingOptions:
        """Read one column otherwise."""
        formats = dict(self.formats or ())
        return self.model_copy(update={"formats": tuple({**formats, name: style}.items())})

    def changed(self, **update: Any) -> ReadingOptions:
        """Change options, and forget whatever was found out by means of the old ones.

        Args:
            **update: Option to new value; None to find it out again.

        Returns:
            New options: what follows from a changed one, as the header from the delimiter,
            is None. The formats of columns are found out anew.
        """
        changed = [place for place, name in enumerate(_DECIDE_THE_NEXT) if name in update]
        forgotten = ("formats", *(_DECIDE_THE_NEXT[changed[0] + 1 :] if changed else ()))
        update = {"rules": "formats", **update}
        return self.model_validate({**self.model_dump(), **dict.fromkeys(forgotten), **update})


@dataclass(frozen=True)
class FileLimits:
    """The largest file that is read.

    Attributes:
        file_bytes: Size of the file as it came.
        unpacked_bytes: Size after gzip, zip, Parquet or Excel were unpacked.
        rows: Rows of the table.
        columns: Columns of the table.
        cells: Rows times columns.
        cell_length: Characters of one cell.
    """

    file_bytes: int = 200 * 2**20
    unpacked_bytes: int = 500 * 2**20
    rows: int = 2_000_000
    columns: int = 2_000
    cells: int = 100_000_000
    cell_length: int = 100_000

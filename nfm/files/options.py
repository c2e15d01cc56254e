"""How a file is to be read, and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from nfm.column_formats.column_format import ColumnFormat

# The encodings and delimiters that the reading form offers; all of them are detected.
ENCODINGS = (
    *("utf-8", "utf-16-le", "utf-16-be"),
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp874"),
    *("iso-8859-2", "koi8-r", "gb18030", "big5", "cp949", "shift_jis", "euc_jp"),
    *("cp850", "cp866", "mac_roman"),
)
# A space means any run of spaces and tabs.
DELIMITERS = (",", ";", "\t", "|", " ")

# The detection of each of these depends on those before it.
_DECIDE_THE_NEXT = (
    *("encoding", "sheet", "escape", "delimiter", "quote", "skip_lines"),
    *("has_header", "header_rows", "leave_out_index", "decimal"),
)


class ReadingOptions(BaseModel):
    r"""How a file is read; options that are None are detected from the content.

    Attributes:
        encoding: Name of the text encoding: one of `ENCODINGS`, or any other that Python knows.
        delimiter: The character between two cells.
        quote: The character around cells that contain a delimiter; "" for none.
        escape: The character before a quote inside a quoted cell: "\", or "" if such quotes are
            doubled, as in CSV.
        decimal: Decimal mark of the numbers.
        has_header: Whether the first line of the table names the columns.
        header_rows: Number of rows that name the columns, if there is a header. 2: the upper one
            names groups of columns, and its names precede those of the columns ("2023 / Q1").
        leave_out_index: Whether columns that pandas saved as an index are left out.
        skip_lines: Number of lines before the table (titles, comments).
        missing: Cells that count as missing.
        sheet: Name of the sheet of an Excel file.
        leave_out_broken_lines: Whether lines with too many cells are left out; if False, such a
            line is an error.
        formats: Name and format of columns; the formats of other columns are detected.
        rules: "formats", or "legacy" for data sets stored before columns had formats, which are
            read as they were then.
        sample_rows: Whether evenly spaced rows are read from a table with more rows or cells than
            the limit; if False, such a table is an error.

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

    def with_format(self, name: str, column_format: ColumnFormat) -> ReadingOptions:
        """Return options that read one column in another format.

        Args:
            name: The column's name.
            column_format: Its new format.
        """
        formats = dict(self.formats or ())
        return self.model_copy(update={"formats": tuple({**formats, name: column_format}.items())})

    def changed(self, **update: Any) -> ReadingOptions:
        """Return changed options, without those that were detected with the help of the old ones.

        Args:
            **update: New values by option; None to detect it again.

        Returns:
            New options. Those that depend on a changed one, as the header depends on the
            delimiter, are None, and so are the formats of the columns.
        """
        changed = [place for place, name in enumerate(_DECIDE_THE_NEXT) if name in update]
        forgotten = ("formats", *(_DECIDE_THE_NEXT[changed[0] + 1 :] if changed else ()))
        update = {"rules": "formats", **update}
        return self.model_validate({**self.model_dump(), **dict.fromkeys(forgotten), **update})


@dataclass(frozen=True)
class FileLimits:
    """The largest file that is read.

    Attributes:
        file_bytes: Bytes of the file.
        unpacked_bytes: Bytes of the file once gzip, zip, Parquet or Excel is unpacked.
        rows: Rows of the table.
        columns: Columns of the table.
        cells: Rows times columns.
        cell_length: Characters per cell.
    """

    file_bytes: int = 200 * 2**20
    unpacked_bytes: int = 500 * 2**20
    rows: int = 2_000_000
    columns: int = 2_000
    cells: int = 100_000_000
    cell_length: int = 100_000

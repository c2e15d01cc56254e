"""A data dictionary: what people call a table's columns, levels and classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from nfm.errors import ReadingError
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_raw_table
from nfm.files.writing import without_guard
from nfm.tabular.level_values import level_codes
from nfm.text import quote

LONGEST_NAME = 100
"""Letters that a display name may have."""

MOST_ENTRIES = 5_000
"""Rows of `DataDictionary.to_frame` that a data dictionary may have."""

FRAME_COLUMNS = ("column", "level", "name", "unit", "probability")
"""Columns of a data dictionary as a table."""

_LONGEST_UNIT = 20


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


Name = Annotated[str, AfterValidator(_in_one_line), Field(max_length=LONGEST_NAME)]
Unit = Annotated[str, AfterValidator(_in_one_line), Field(max_length=_LONGEST_UNIT)]


class ColumnEntry(BaseModel):
    """What a data dictionary says about one column.

    Attributes:
        name: Display name; "" to keep the column's own.
        unit: Unit of its numbers, such as "€"; "" for none.
        levels: Display names by level, given as canonical text: "1" for 1 and 1.0, "true" for True.
        probabilities: Display names of the probability of a class, by class, for a column that is
            the target: "Probability of survival".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = ""
    unit: Unit = ""
    levels: dict[str, Name] = {}
    probabilities: dict[str, Name] = {}


class DataDictionary(BaseModel):
    """Display names for a table; what has no entry keeps its own name.

    Attributes:
        columns: Entries by column.
        row: What a row is called, such as "passenger"; "" for "row".

    Example:
        >>> from nfm import DataDictionary
        >>> words = DataDictionary(columns={"Pclass": {"name": "Class", "levels": {"1": "1st"}}})
        >>> words.columns["Pclass"].levels
        {'1': '1st'}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, ColumnEntry] = {}
    row: Name = ""

    @classmethod
    def read(cls, source: str | Path | bytes) -> DataDictionary:
        r"""Read a data dictionary from a CSV or JSON file.

        Args:
            source: Path or content of a file. CSV (or Excel) has the columns of `to_frame`:
                `column` and `name`, and where needed `level`, `unit` and `probability`. JSON has
                the fields of this class.

        Returns:
            The data dictionary.

        Raises:
            ReadingError: It cannot be read, lacks a column, or has an entry that is too long; the
                message names the row.

        Example:
            >>> from nfm import DataDictionary
            >>> DataDictionary.read(b"column,name\nage,Age in years\n").columns["age"].name
            'Age in years'
        """
        content = source if isinstance(source, bytes) else _content(Path(source))
        if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
            try:
                return _checked(cls.model_validate_json(content.decode("utf-8-sig")))
            except UnicodeDecodeError as error:
                raise ReadingError("The data dictionary is not UTF-8: save it again.") from error
            except ValidationError as error:
                raise ReadingError(_what_is_wrong(error)) from error
        guess = ReadingOptions(has_header=True)
        return cls.from_frame(read_raw_table(content, guess=guess, wanted=FRAME_COLUMNS).frame)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> DataDictionary:
        """Make a data dictionary from a table.

        Args:
            frame: Columns as in `to_frame`, in any order and in capitals or not; `level`, `unit`
                and `probability` may be absent. Rows without a display name say nothing.

        Returns:
            The data dictionary.

        Raises:
            ReadingError: A column is missing, an entry is too long or has no place in its row; the
                message names the column and the level.
        """
        texts = {str(name).strip().casefold(): _texts(frame[name]) for name in frame.columns}
        missing = [name for name in ("column", "name") if name not in texts]
        if missing:
            raise ReadingError(
                f"The data dictionary has no column {quote(missing[0])}: its first row must be "
                f"{', '.join(FRAME_COLUMNS)}; the last two and level may be left out."
            )
        blank = [""] * len(frame)
        rows = zip(*(texts.get(name, blank) for name in FRAME_COLUMNS), strict=True)
        columns: dict[str, dict[str, Any]] = {}
        row_name = ""
        for column, level, name, unit, probability in rows:
            if level and unit:
                raise ReadingError(
                    f"In the data dictionary, level {quote(level)} of {quote(column)} has the unit "
                    f"{quote(unit)}: a unit belongs to a column, in its row without a level."
                )
            if probability and not level:
                raise ReadingError(
                    f"In the data dictionary, {quote(column)} has the probability "
                    f"{quote(probability)}: it belongs to a class, in a row with a level."
                )
            if not column:
                row_name = name or row_name
                continue
            if not (name or unit or probability):
                continue
            entry = columns.setdefault(column, {"levels": {}, "probabilities": {}})
            if not level:
                entry.update({"name": name, "unit": unit})
            elif name:
                entry["levels"][level] = name
            if probability:
                entry["probabilities"][level] = probability
        try:
            return _checked(cls.model_validate({"columns": columns, "row": row_name}))
        except ValidationError as error:
            raise ReadingError(_what_is_wrong(error)) from error

    def to_frame(self) -> pd.DataFrame:
        """Return the data dictionary as a table, one row per column and one per level.

        Returns:
            Text columns `column`, `level` ("" for the column itself), `name` (its display name),
            `unit` and `probability` (the display name of a class's probability). A row without a
            column says what a row is called.
        """
        rows = [("", "", self.row, "", "")] if self.row else []
        for column, entry in self.columns.items():
            rows.append((column, "", entry.name, entry.unit, ""))
            rows += [
                (column, level, entry.levels.get(level, ""), "", entry.probabilities.get(level, ""))
                for level in dict.fromkeys((*entry.levels, *entry.probabilities))
            ]
        return pd.DataFrame(rows, columns=list(FRAME_COLUMNS), dtype=str)

    def check_distinct(
        self, columns: Iterable[str], levels: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        """Return if no two columns of a table, and no two levels of a column, look the same.

        Args:
            columns: The table's columns.
            levels: Levels that have no entry, by column, as far as they are known.

        Raises:
            ReadingError: Two have the same display name and unit.
        """
        shown: dict[tuple[str, str], str] = {}
        for column in columns:
            entry = self.columns.get(column, ColumnEntry())
            other = shown.setdefault((entry.name or column, entry.unit), column)
            if other != column:
                raise ReadingError(
                    f"The columns {quote(other)} and {quote(column)} would both be called "
                    f"{quote(entry.name or column)}: give them different names."
                )
            named: dict[str, str] = {}
            for level in dict.fromkeys((*(levels or {}).get(column, ()), *entry.levels)):
                name = entry.levels.get(level, level)
                if named.setdefault(name, level) != level:
                    raise ReadingError(
                        f"The levels {quote(named[name])} and {quote(level)} of {quote(column)} "
                        f"would both be called {quote(name)}: give them different names."
                    )

    def unknown_columns(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the columns with an entry that a table does not have.

        Args:
            names: The table's columns.
        """
        known = set(names)
        return tuple(name for name in self.columns if name not in known)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadingError(f"The data dictionary {path} cannot be read: {error}.") from error


def _texts(cells: pd.Series) -> list[str]:
    """Write cells as canonical text, "" where missing, as they were before `csv_bytes`."""
    codes, texts = level_codes(cells)
    bare = [without_guard(str(text).strip()) for text in texts]
    return [bare[code] if code >= 0 else "" for code in codes]


def _checked(dictionary: DataDictionary) -> DataDictionary:
    count = sum(
        1 + len({*entry.levels, *entry.probabilities}) for entry in dictionary.columns.values()
    )
    if count > MOST_ENTRIES:
        raise ReadingError(
            f"The data dictionary has {count:,} entries, more than the {MOST_ENTRIES:,} allowed: "
            "leave out levels that keep their own name."
        )
    return dictionary


def _what_is_wrong(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = " > ".join(map(str, first["loc"])) or "the file"
    return f"The data dictionary is wrong at {quote(place)}: {first['msg']}."

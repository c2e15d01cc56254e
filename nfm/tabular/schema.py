"""The columns of a table: their kinds, their roles, the target and the task."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Literal

import pandas as pd
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.read_column import read_column
from nfm.errors import SchemaError
from nfm.files.frame_attributes import frame_formats, remember_formats
from nfm.files.options import ReadingOptions
from nfm.settings import Task
from nfm.tabular.data_dictionary import DataDictionary
from nfm.tabular.frames import as_frame
from nfm.tabular.kinds import Kind
from nfm.tabular.leaks import find_leaks
from nfm.tabular.target_guess import guess_positive, guess_task
from nfm.tabular.target_values import class_counts
from nfm.text import quoted

Role = Literal["target", "feature", "ignored"]

USABLE_KINDS: frozenset[Kind] = frozenset({"categorical", "numeric", "date", "list"})

LONGEST_UNIT = 20
"""Letters that a unit of the target may have."""


class Column(BaseModel):
    """One column of a table.

    Attributes:
        name: Name in the table.
        kind: Kind of its values.
        role: Its role in training.
        reason: Why it has this kind, in a sentence.
        level_count: Number of distinct values; missing values are not counted.
        missing_share: Share of rows without a value, 0 to 1.
        examples: Some of its values as text.
        warning: Why the column may reveal the target; None if there is no sign of it.
        day_first: Whether dates such as 3/5/24 begin with the day; None without such dates.
        format: How its cells are read; None: by the rules of versions without formats.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    kind: Kind
    role: Role
    reason: str = ""
    level_count: int = Field(default=0, ge=0)
    missing_share: float = Field(default=0.0, ge=0.0, le=1.0)
    examples: tuple[str, ...] = ()
    warning: str | None = None
    day_first: bool | None = None
    format: ColumnFormat | None = None

    @property
    def value_format(self) -> ColumnFormat | None:
        """Format that turns cells into values of the kind, which a user may have changed."""
        if self.format is None or self.kind not in ("numeric", "date"):
            return self.format
        if self.format.type == "boolean" and self.kind == "numeric":
            return self.format  # True and False are 1 and 0
        return self.format.with_type("number" if self.kind == "numeric" else "date")


class Schema(BaseModel):
    """All columns of a table in their order, and the task.

    Attributes:
        columns: One for each column of the table.
        task: The task; None without a target.
        file_options: How the table's file was read, to read similar files; None if the table is
            not from a file.
        unit: Unit of a numeric target, such as "€"; empty if none was given.
        positive: Class of a binary target whose probability is shown, as canonical text; empty:
            the last of the two in sort order.
        dictionary: Display names of columns and levels; None if nobody gave any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[Column, ...]
    task: Task | None = None
    file_options: ReadingOptions | None = None
    unit: str = Field(default="", max_length=LONGEST_UNIT)
    positive: str = ""
    dictionary: DataDictionary | None = None

    @model_serializer(mode="wrap")
    def _without_empty_fields(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Omit empty fields, so that versions without these fields can read the rest."""
        written: dict[str, Any] = serialize(self)
        for name in ("unit", "positive", "dictionary"):
            if not written.get(name):
                written.pop(name, None)
        return written

    @model_validator(mode="after")
    def _check(self) -> Schema:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("two columns have the same name")
        if sum(column.role == "target" for column in self.columns) > 1:
            raise ValueError("there is more than one target")
        return self

    @property
    def target(self) -> str | None:
        """Name of the target column; None if there is none."""
        return next((column.name for column in self.columns if column.role == "target"), None)

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that the model is trained on."""
        return tuple(column for column in self.columns if column.role == "feature")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return one column.

        Raises:
            SchemaError: There is no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise SchemaError(
            f"The table has no column {name!r}. Its columns are {quoted(self.names, limit=20)}."
        )

    def with_column(
        self, name: str, *, kind: Kind | None = None, role: Role | None = None
    ) -> Schema:
        """Change the kind or role of a column.

        Args:
            name: The column.
            kind: New kind. A column that becomes usable becomes a feature; one that becomes an
                identifier, free text or a constant is ignored, unless `role` is given.
            role: "feature" or "ignored"; use `with_target` to change the target.

        Returns:
            The new schema.

        Raises:
            SchemaError: There is no such column, or the role would change the target.
        """
        column = self.column(name)
        if role == "target" and column.role != "target":
            raise SchemaError(f"To make {name!r} the target, choose it as the target.")
        if column.role == "target" and role not in (None, "target"):
            raise SchemaError(f"{name!r} is the target; choose another target first.")
        update: dict[str, object] = {}
        if kind is not None and kind != column.kind:
            update |= {"kind": kind, "reason": f"Set by hand; it was detected as {column.kind}."}
            usable = kind in USABLE_KINDS
            if role is None and column.role != "target" and usable != (column.kind in USABLE_KINDS):
                role = "feature" if usable else "ignored"
        if role is not None:
            update["role"] = role
        return self._replace({name: column.model_copy(update=update)})

    def with_features(self, names: Iterable[str]) -> Schema:
        """Make exactly these columns features, ignore the others, and keep the target.

        Raises:
            SchemaError: A name is unknown, or is the target's.
        """
        chosen = set(names)
        for name in chosen:
            if self.column(name).role == "target":
                raise SchemaError(f"{name!r} is the target and cannot be a feature as well.")
        return self._replace(
            {
                column.name: column.model_copy(
                    update={"role": "feature" if column.name in chosen else "ignored"}
                )
                for column in self.columns
                if column.role != "target"
            }
        )

    def with_target(self, name: Hashable | None, frame: Any) -> Schema:
        """Change the target, and with it the task and the warnings of target leakage.

        Args:
            name: The new target; None for no target.
            frame: The table.

        Returns:
            The new schema. The old target becomes a feature if its kind is usable.

        Raises:
            SchemaError: If there is no such column.
        """
        chosen = None if name is None else self.column(str(name)).name
        columns = {}
        for column in self.columns:
            role: Role = column.role
            if column.name == chosen:
                role = "target"
            elif role == "target":
                role = "feature" if column.kind in USABLE_KINDS else "ignored"
            columns[column.name] = column.model_copy(update={"role": role})
        frame = self.read(frame)
        task, positive = None, ""
        if chosen is not None:
            column_format = self.column(chosen).format
            task = guess_task(frame[chosen], column_format)
            positive = guess_positive(frame[chosen], task, column_format)
        unit = self.unit if chosen == self.target or chosen is None else self.unit_of(chosen)
        unit = unit if task == "regression" else ""
        update = {"task": task, "unit": unit, "positive": positive}
        return self._replace(columns).model_copy(update=update)._with_warnings(frame)

    def with_unit(self, unit: str) -> Schema:
        """Set the unit of the target, cut to 20 characters.

        Args:
            unit: For instance "€"; empty for none.
        """
        return self.model_copy(update={"unit": " ".join(unit.split())[:LONGEST_UNIT].strip()})

    def with_dictionary(self, dictionary: DataDictionary | None) -> Schema:
        r"""Set the display names of columns and levels, and the unit of a numeric target.

        Args:
            dictionary: The display names; entries of other tables' columns do no harm. None for
                the table's own names.

        Raises:
            ReadingError: Two columns, or two levels of a column, would have the same name.

        Example:
            >>> from nfm import DataDictionary, infer_schema, read_table
            >>> words = DataDictionary.read(b"column,name,unit\nmpg,Range,mi/gal\n")
            >>> infer_schema(read_table("data/cars.csv"), "mpg").with_dictionary(words).unit
            'mi/gal'
        """
        if dictionary is not None:
            dictionary.check_distinct(self.names)
        named = self.model_copy(update={"dictionary": dictionary})
        entries = {} if dictionary is None else dictionary.columns
        if self.task != "regression" or self.target not in entries:
            return named
        return named.with_unit(entries[self.target].unit or self.unit)

    def unit_of(self, name: str) -> str:
        """Return a column's unit: the data dictionary's, else that of its cells, such as "$3.50".

        Args:
            name: The column. If it has a display name, only the data dictionary counts.

        Returns:
            The unit; "" if there is none.

        Raises:
            SchemaError: There is no such column.
        """
        column = self.column(name)
        entry = None if self.dictionary is None else self.dictionary.columns.get(name)
        if entry is not None and (entry.name or entry.unit):
            return entry.unit
        return "" if column.format is None else column.format.unit

    def with_task(self, task: Task, frame: Any) -> Schema:
        """Change the task of the target, and with it the warnings of target leakage.

        Args:
            task: The new task.
            frame: The table.
        """
        frame, positive, unit = self.read(frame), self.positive, self.unit
        if self.target is not None and task != self.task:
            positive = guess_positive(frame[self.target], task, self.column(self.target).format)
            unit = self.unit_of(self.target) if task == "regression" else ""
        update = {"task": task, "unit": unit, "positive": positive}
        return self.model_copy(update=update)._with_warnings(frame)

    def with_positive(self, positive: str, frame: Any) -> Schema:
        """Set the class whose probability is shown.

        Args:
            positive: One of the target's two classes, as canonical text: "ja", "1", "true".
            frame: The table.

        Raises:
            SchemaError: The task isn't binary, or the target has no such class.
        """
        if self.target is None or self.task != "binary":
            raise SchemaError(
                f"A positive class such as {positive!r} needs a target of two classes, and the "
                f"task is {self.task or 'not chosen'}. Choose the task binary first."
            )
        classes = [text for text, _ in class_counts(self.read(frame)[self.target])]
        if positive not in classes:
            raise SchemaError(
                f"The positive class {positive!r} is not a class of the target {self.target!r}: "
                f"choose one of {quoted(classes)}."
            )
        return self.model_copy(update={"positive": "" if positive == classes[-1] else positive})

    def read(self, frame: Any) -> pd.DataFrame:
        """Read the columns of a table by their formats.

        Args:
            frame: A table of pandas, polars, pyarrow and so on. Columns that are not in the schema
                stay unchanged.

        Returns:
            A table of values; `frame` itself if no column has a format.
        """
        frame = as_frame(frame)
        formats = {
            column.name: column.format
            for column in self.columns
            if column.format is not None and column.name in frame.columns
        }
        return read_frame(frame, formats)

    def _replace(self, columns: dict[str, Column]) -> Schema:
        return self.model_copy(
            update={"columns": tuple(columns.get(column.name, column) for column in self.columns)}
        )

    def _with_warnings(self, frame: pd.DataFrame) -> Schema:
        warnings: dict[str, str] = {}
        if self.target is not None and self.task is not None:
            suspects = [
                (column.name, column.kind)
                for column in self.columns
                if column.role != "target" and column.kind in ("categorical", "numeric")
            ]
            warnings = find_leaks(frame, self.target, self.task, suspects)
        return self._replace(
            {
                column.name: column.model_copy(update={"warning": warnings.get(column.name)})
                for column in self.columns
            }
        )


def read_frame(frame: pd.DataFrame, formats: Mapping[str, ColumnFormat]) -> pd.DataFrame:
    """Read columns of a table by their formats.

    Args:
        frame: The table. Reading it a second time changes nothing.
        formats: Column to format.

    Returns:
        A table with the same index. Columns without a format are unchanged.
    """
    if not formats:
        return frame
    columns = {
        name: read_column(frame[name], formats[name]).values.set_axis(frame.index)
        if name in formats
        else frame[name]
        for name in frame.columns
    }
    read = pd.DataFrame(columns, index=frame.index, copy=False)
    read.attrs.update(frame.attrs)
    remember_formats(read, {**frame_formats(frame), **formats})
    return read

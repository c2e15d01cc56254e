"""Encode columns as codes and numbers, by the levels and ranges of the training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from nfm.column_formats.column_format import ColumnFormat, DecimalMark
from nfm.column_formats.legacy_texts import day_comes_first
from nfm.column_formats.read_column import ColumnReading, read_column
from nfm.errors import SchemaError
from nfm.files.names import unique_name, with_text_names
from nfm.settings import Settings
from nfm.tabular.categorical_field import CategoricalField, DatePart
from nfm.tabular.dates import day_numbers, guessed_dates
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from nfm.tabular.level_values import level_codes, numbers, same_text, value_type
from nfm.tabular.list_field import YES, ListField
from nfm.tabular.numeric_field import DateField, NumericField
from nfm.tabular.schema import Column, read_frame
from nfm.text import quoted

# With at least this many training rows, a level needs several rows to get a code.
_MANY_ROWS = 500
_NEARLY_ALL = 0.9


class Encoder(BaseModel):
    """An encoder of tables, fitted on the training rows; its JSON contains all of its state.

    Attributes:
        categorical: Fields of levels, in the order of the columns of `EncodedTable.codes`.
        numeric: Fields of numbers, in the order of the columns of `EncodedTable.values`.
        dates: Columns of dates, each of which gives several of the fields above.
        lists: Columns whose cells are lists; each gives a categorical field per frequent item.
        columns: The columns that a table must have, in the schema's order.
        formats: The formats of these columns; () in models from before columns had formats, which
            infer the meaning of text from the rows that are given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    categorical: tuple[CategoricalField, ...]
    numeric: tuple[NumericField, ...]
    dates: tuple[DateField, ...] = ()
    lists: tuple[ListField, ...] = ()
    columns: tuple[str, ...]
    formats: tuple[ColumnFormat, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Encoder:
        fields: list[CategoricalField | NumericField] = [*self.categorical, *self.numeric]
        if len({field.name for field in fields}) < len(fields):
            raise ValueError("two fields have the same name")
        if not {field.column for field in fields} <= set(self.columns):
            raise ValueError("a field has no column")
        of_dates = {field.column for field in fields if field.part not in (None, "item")}
        if not of_dates <= {date.column for date in self.dates}:
            raise ValueError("a part of a date has no date")
        of_lists = [field.name for field in self.categorical if field.part == "item"]
        if sorted(of_lists) != sorted(name for each in self.lists for name in each.fields):
            raise ValueError("the fields of a list are not those of its items")
        if len(self.formats) not in (0, len(self.columns)):
            raise ValueError("an encoder needs one format for each column")
        return self

    @property
    def formats_by_column(self) -> dict[str, ColumnFormat]:
        """The format of each column; {} in models from before columns had formats."""
        return dict(zip(self.columns, self.formats, strict=False))

    @property
    def without_levels(self) -> tuple[str, ...]:
        """Categorical columns and lists in which nearly all training rows became (other)."""
        without_items = {each.fields[0] for each in self.lists if each.has_other and not each.items}
        found = []
        for field in self.categorical:
            if field.part is None:
                other, rows = field.other_count, field.other_count + sum(field.counts)
            elif field.name in without_items:
                other, rows = field.counts[YES - 1], sum(field.counts)
            else:
                continue
            if other > _NEARLY_ALL * rows:
                found.append(field.column)
        return tuple(found)

    @property
    def layout(self) -> EncodedShape:
        """The shape of the encoded table."""
        return EncodedShape(
            categorical=tuple(field.name for field in self.categorical),
            level_counts=tuple(field.level_count for field in self.categorical),
            numeric=tuple(field.name for field in self.numeric),
            bin_counts=tuple(field.bin_count for field in self.numeric),
            has_missing=tuple(field.has_missing for field in self.numeric),
        )

    @classmethod
    def fit(
        cls,
        frame: pd.DataFrame,
        columns: Sequence[Column],
        settings: Settings,
        vocabulary_frame: pd.DataFrame | None = None,
    ) -> Encoder:
        """Fit an encoder: find levels, edges and scales.

        Args:
            frame: The training rows.
            columns: Columns of the schema; those whose role is not "feature" are skipped. An
                identifier, free text or constant with the role "feature" is categorical; a list
                gives a categorical field for each of its frequent items.
            settings: `numeric`, `numeric_bins`, `numeric_scaling`, `min_level_count` and
                `vocabulary` are used.
            vocabulary_frame: Further rows whose levels get codes if `vocabulary` is "all".

        Returns:
            The encoder.

        Raises:
            SchemaError: There is no feature, or one is not in the frame.
        """
        features = [column for column in columns if column.role == "feature"]
        if not features:
            raise SchemaError("No column is a feature: choose at least one.")
        names = tuple(column.name for column in features)
        styles = [column.value_format for column in features]
        formats = tuple(column_format for column_format in styles if column_format is not None)
        if len(formats) < len(features):
            formats = ()

        def read(table: pd.DataFrame) -> pd.DataFrame:
            table = with_text_names(table)
            _check_columns(table, names)
            return read_frame(table[list(names)], dict(zip(names, formats, strict=False)))

        frame, more = read(frame), None
        if settings.vocabulary == "all" and vocabulary_frame is not None:
            more = read(vocabulary_frame)
        categorical: list[CategoricalField] = []
        numeric: list[NumericField] = []
        dates: list[DateField] = []
        lists: list[ListField] = []
        taken = set(names)
        rarest = settings.min_level_count or automatic_level_count(len(frame))
        numeric_settings = (settings.numeric, settings.numeric_bins, settings.numeric_scaling)
        for column in features:
            series = frame[column.name]
            further = None if more is None else more[column.name]
            if column.kind == "numeric":
                numeric.append(NumericField.fit(column.name, numbers(series), *numeric_settings))
            elif column.kind == "date":
                parts = _fit_date(column, series, settings, taken)
                dates.append(parts[0])
                numeric.append(parts[1])
                categorical.extend(parts[2])
            elif column.kind == "list":
                listed, items = ListField.fit(column.name, series, taken, rarest, further)
                lists.append(listed)
                categorical.extend(items)
            else:
                sort = value_type(series)
                categorical.append(CategoricalField.fit(column.name, series, sort, rarest, further))
        return cls(
            categorical=tuple(categorical),
            numeric=tuple(numeric),
            dates=tuple(dates),
            lists=tuple(lists),
            columns=names,
            formats=formats,
        )

    def transform(
        self, frame: pd.DataFrame, readings: Mapping[str, ColumnReading] | None = None
    ) -> EncodedTable:
        """Encode rows; unseen levels and values of another type are not errors.

        Args:
            frame: Rows with all columns of the encoder, in any order; other columns are ignored.
            readings: What `readings` returns for these rows, if it is known; None to read them.

        Returns:
            Codes, int32 (rows, F), and values, float32 (rows, D).

        Raises:
            SchemaError: Columns are missing.
        """
        if readings is None:
            readings = self.readings(frame)
        columns = {name: reading.values for name, reading in readings.items()}
        moments = {
            date.column: guessed_dates(columns[date.column], date.day_first) for date in self.dates
        }
        codes = np.empty((len(frame), len(self.categorical)), dtype=np.int32)
        places = {field.name: place for place, field in enumerate(self.categorical)}
        for each in self.lists:
            codes[:, [places[name] for name in each.fields]] = each.codes(columns[each.column])
        for place, field in enumerate(self.categorical):
            if field.part == "item":
                continue
            if field.part is not None:
                codes[:, place] = field.date_codes(moments[field.column])
            elif self.formats:
                codes[:, place] = field.read_codes(readings[field.column])
            else:
                codes[:, place] = field.codes(columns[field.column])
        values = np.empty((len(frame), len(self.numeric)), dtype=np.float32)
        for place, number in enumerate(self.numeric):
            if number.part is None:
                values[:, place] = number.values(numbers(columns[number.column]))
            else:
                values[:, place] = number.values(day_numbers(moments[number.column]))
        return EncodedTable(codes, values)

    def with_decimal(self, decimal: DecimalMark) -> Encoder:
        """Return the same encoder for tables whose numbers are written with a decimal mark."""
        formats = tuple(column_format.with_decimal(decimal) for column_format in self.formats)
        return self.model_copy(update={"formats": formats})

    def read(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Read a table by the formats of the training table.

        Args:
            frame: Rows with all columns of the encoder; other columns are returned unchanged.

        Returns:
            A table of values; the same table if the encoder has no formats.
        """
        return read_frame(frame, self.formats_by_column)

    def readings(
        self, frame: pd.DataFrame, names: Sequence[str] | None = None
    ) -> dict[str, ColumnReading]:
        """Read the encoder's columns of a table, with the cells that could not be read.

        Args:
            frame: Rows with these columns.
            names: The columns; None for all columns of the encoder.

        Returns:
            The readings by column.

        Raises:
            SchemaError: Columns are missing.
        """
        frame = with_text_names(frame)
        _check_columns(frame, self.columns if names is None else names)
        if self.formats:
            wanted = set(self.columns if names is None else names)
            return {
                name: read_column(frame[name], column_format)
                for name, column_format in self.formats_by_column.items()
                if name in wanted
            }
        none = np.zeros(len(frame), dtype=bool)
        return {name: ColumnReading(frame[name], none, none) for name in self.columns}


def automatic_level_count(rows: int) -> int:
    """Return how many training rows a level must have to get a code of its own.

    The network would memorise levels of one or two rows; but in a small table, all levels may be
    as rare.

    Args:
        rows: Number of training rows.
    """
    return 3 if rows >= _MANY_ROWS else 1


def _check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        alike = {same_text(str(name)) for name in frame.columns}
        if other := [name for name in missing if same_text(name) in alike]:
            raise SchemaError(
                f"The name of the column {quoted(other[:1])} has other blanks, quotes or accents "
                "(another form of Unicode) in the table than in training: rename it."
            )
        one = len(missing) == 1
        raise SchemaError(
            f"The table lacks the column{'' if one else 's'} {quoted(missing)}, which the model "
            f"needs: add {'it' if one else 'them'}, with blank cells where the value is unknown."
        )


def _fit_date(
    column: Column, series: pd.Series, settings: Settings, taken: set[str]
) -> tuple[DateField, NumericField, list[CategoricalField]]:
    """Fit the fields of a column of dates: days, and month, weekday and hour if they differ."""
    day_first = column.day_first
    if column.format is not None:
        day_first = None if column.format.date_order is None else column.format.date_order == "dmy"
    elif day_first is None and value_type(series) == "text":
        day_first = day_comes_first(level_codes(series)[1])
    moments = guessed_dates(series, day_first)

    def name(part: str) -> str:
        made = unique_name(f"{column.name} ({part})", taken)
        taken.add(made)
        return made

    days = NumericField.fit(
        name("days"),
        day_numbers(moments),
        settings.numeric,
        settings.numeric_bins,
        settings.numeric_scaling,
        column=column.name,
        part="days",
    )
    present = np.sort(moments[~np.isnat(moments)])
    has_time = bool((present != present.astype("datetime64[D]")).any())
    kinds: tuple[DatePart, ...] = ("month", "weekday", "hour") if has_time else ("month", "weekday")
    parts = [CategoricalField.fit_part(kind, column.name, kind, moments) for kind in kinds]
    parts = [
        part.model_copy(update={"name": name(part.name)}) for part in parts if len(part.levels) > 1
    ]
    unit = "s" if has_time else "D"
    ends = {}
    if len(present):
        middle = present[(len(present) - 1) // 2]
        ends = {
            key: str(moment.astype(f"datetime64[{unit}]")).replace("T", " ")
            for key, moment in (
                ("minimum", present[0]),
                ("maximum", present[-1]),
                ("median", middle),
            )
        }
    date = DateField(
        column=column.name,
        day_first=day_first,
        has_time=has_time,
        fields=(days.name, *(field.name for field in parts)),
        **ends,
    )
    return date, days, parts

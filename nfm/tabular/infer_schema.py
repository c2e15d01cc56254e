"""The schema of a table, inferred from its cells."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.column_notes import column_notes
from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.read_column import ColumnReading, read_column
from nfm.column_formats.reading_report import report_column
from nfm.column_formats.text_cells import is_text
from nfm.errors import ReadingWarning, warn
from nfm.files.frame_attributes import frame_formats, frame_options, is_legacy
from nfm.settings import Task
from nfm.tabular.frames import as_frame
from nfm.tabular.kinds import infer_kind
from nfm.tabular.schema import USABLE_KINDS, Column, Schema
from nfm.tabular.target_guess import has_rating_name, is_rating

# The first of these names that the table has is its target, if its kind allows it.
_TARGET_NAMES = (
    *("survived", "target", "label", "class", "outcome", "response", "churn", "default"),
    *("species", "diagnosis", "attrition", "exited", "fraud", "isfraud", "is_fraud", "stroke"),
    *("death_event", "quality", "price", "saleprice", "medv", "mpg", "charges", "risk", "y"),
)
_MAXIMUM_GUESSED_CLASSES = 100


def infer_schema(
    frame: Any, target: Hashable | None = None, task: Task | None = None, *, keep_all: bool = False
) -> Schema:
    """Infer the kind and role of every column; `nfm.tabular.kinds` has the rules.

    Args:
        frame: A table of pandas, polars, pyarrow and so on. Names that are numbers or tuples
            become text.
        target: Name of the target; None: guess it by its name, or else take the last column
            that can be a target; `guess_target` has the rules.
        task: The task; None: guess it from the values of the target.
        keep_all: Make every column a feature, with no target unless one is named: for the
            estimators, which receive features only.

    Returns:
        The schema. Equal tables give equal schemas. A `ReadingWarning` names what to check about
        columns whose text is read as numbers or dates here, such as 05/10/2024.

    Raises:
        SchemaError: It is not a table, it has no columns, two columns have the same name, or no
            column is named `target`.

    Example:
        >>> from nfm import infer_schema, read_table
        >>> schema = infer_schema(read_table("data/titanic.csv"))
        >>> schema.target, schema.task
        ('Survived', 'binary')
    """
    frame = as_frame(frame)
    known, legacy = frame_formats(frame), is_legacy(frame)
    columns = []
    for name in frame.columns:
        series, column_format = frame[name], None
        if not legacy:
            column_format = known.get(name) or infer_format(series, text_stays_text=keep_all)
            declared = isinstance(series.dtype, pd.CategoricalDtype)
            reading = read_column(series, column_format)
            # The estimators' text columns are categorical whatever they look like.
            kept = keep_all and column_format.type == "text"
            if name not in known and is_text(series) and not kept:
                _warn_of_reading(name, series, column_format, reading)
            elif name not in known and column_format.type == "number":
                report = report_column(series, column_format, reading)
                if infinite := report.infinite_sentence(name, len(reading)):
                    warn(infinite, ReadingWarning)
            series = reading.values
            series = series.astype("category") if declared else series
        judged = infer_kind(name, series, keep_all, column_format)
        usable = judged.kind in USABLE_KINDS
        columns.append(
            Column(
                name=name,
                kind=judged.kind,
                role="feature" if usable else "ignored",
                reason=judged.reason,
                level_count=judged.level_count,
                missing_share=judged.missing_share,
                examples=judged.examples,
                day_first=judged.day_first,
                format=column_format,
            )
        )
    schema = Schema(columns=tuple(columns), file_options=frame_options(frame))
    if target is None and not keep_all:
        target = guess_target(schema, frame)
    if target is None:
        return schema
    schema = schema.with_target(target, frame)
    return schema if task is None or task == schema.task else schema.with_task(task, frame)


def _warn_of_reading(
    name: str, cells: pd.Series, column_format: ColumnFormat, reading: ColumnReading
) -> None:
    """Warn of what is open in a column of text, as the notes of a file do."""
    for note in column_notes(
        name, column_format, reading, report_column(cells, column_format, reading)
    ):
        if column_format.type == "date" and not column_format.certain:
            note += " To settle it, pass dates: `pandas.to_datetime(..., dayfirst=...)`."
        warn(note, ReadingWarning)


def guess_target(schema: Schema, frame: pd.DataFrame) -> str | None:
    """Guess the target: a well-known name, else a rating, else the last column that can be one.

    A last column of two values is preferred to a rating, which is one of its features then, unless
    the table has the ids of a recommender: who rates, and what.

    Args:
        schema: The schema, with the kinds of the columns.
        frame: The table.

    Returns:
        Name of the column; None if no column can be a target.
    """
    possible = {
        column.name.strip().lower(): column.name
        for column in reversed(schema.columns)
        if column.kind == "numeric"
        or (column.kind == "categorical" and 2 <= column.level_count <= _MAXIMUM_GUESSED_CLASSES)
    }
    for name in _TARGET_NAMES:
        if name in possible:
            return possible[name]
    last = next(iter(possible.values()), None)
    ids = sum(column.name.casefold().endswith("id") for column in schema.columns)
    if last is None or (schema.column(last).level_count == 2 and ids < 2):
        return last
    rated = [name for name in possible.values() if has_rating_name(name)]
    if rated:
        read = schema.read(frame)
        rated = [name for name in rated if is_rating(read[name])]
    return rated[-1] if rated else last

"""The schema and the split of a lesson, for the table of its sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from nfm.errors import SchemaError
from nfm.lesson_links.lesson import Lesson
from nfm.settings import Task
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions
from nfm.tabular.target import Target
from nfm.tabular.target_values import class_counts


def lesson_table(
    lesson: Lesson, frame: pd.DataFrame
) -> tuple[Schema, SplitOptions, tuple[str, ...]]:
    """Return the schema and split of a lesson's sample.

    Args:
        lesson: A lesson with a sample.
        frame: The table of the sample.

    Returns:
        The schema, the split, and a sentence for every field of the lesson that does not fit the
        table and keeps its default.
    """
    if lesson.data is None:
        raise ValueError("The lesson has no sample.")
    sample = SAMPLES[lesson.data]
    schema = infer_schema(frame, sample.target, sample.task).with_unit(sample.unit)
    changes: list[tuple[str, Callable[[Schema], Schema]]] = []
    if (target := lesson.target) is not None:
        changes.append(("target", lambda schema: _with_target(schema, target, frame)))
    if (task := lesson.task) is not None:
        changes.append(("task", lambda schema: _with_task(schema, task, frame)))
    if (positive := lesson.positive) is not None:
        changes.append(("positive", lambda schema: schema.with_positive(positive, frame)))
    for name, kind in lesson.kinds.items():
        changes.append((f"kind.{name}", partial(Schema.with_column, name=name, kind=kind)))
    if (features := lesson.features) is not None:
        changes.append(("features", lambda schema: schema.with_features(features)))
    problems = []
    for field, change in changes:
        try:
            schema = change(schema)
        except SchemaError as error:
            problems.append(f"In the link, {field} does not fit the table: {error}")
    split = lesson.split
    for field in ("group_column", "time_column"):
        if getattr(split, field) not in (None, *schema.names):
            split = split.model_copy(update={field: None})
            problems.append(f"In the link, split.{field} is not a column of the table.")
    return schema, split, tuple(problems)


def table_fields(key: str, frame: pd.DataFrame, schema: Schema) -> dict[str, Any]:
    """Return how a sample's schema differs from the default.

    Args:
        key: Key of the sample.
        frame: The table of the sample.
        schema: The current schema.

    Returns:
        Fields of a `Lesson`: those of target, task, positive, features and kinds that differ.
    """
    sample = SAMPLES[key]
    usual = infer_schema(frame, sample.target, sample.task)
    fields: dict[str, Any] = {}
    if schema.target is not None and schema.target != usual.target:
        fields["target"] = schema.target
        usual = usual.with_target(schema.target, frame)
    if schema.target is not None and schema.task is not None and schema.task != usual.task:
        fields["task"] = schema.task
        usual = usual.with_task(schema.task, frame)
    if schema.target is not None and schema.positive != usual.positive:
        classes = [text for text, _ in class_counts(schema.read(frame)[schema.target])]
        fields["positive"] = schema.positive or classes[-1]
    kinds = {
        column.name: column.kind
        for column in schema.columns
        if column.kind != usual.column(column.name).kind
    }
    if kinds:
        fields["kinds"] = kinds
        for name, kind in kinds.items():
            usual = usual.with_column(name, kind=kind)
    features = tuple(column.name for column in schema.features)
    if features and features != tuple(column.name for column in usual.features):
        fields["features"] = features
    return fields


def same_roles(one: Schema, other: Schema) -> bool:
    """Return whether two schemas train the same model: equal columns, task and positive class."""
    return (one.task, one.positive) == (other.task, other.positive) and [
        (column.name, column.kind, column.role) for column in one.columns
    ] == [(column.name, column.kind, column.role) for column in other.columns]


def _with_target(schema: Schema, name: str, frame: pd.DataFrame) -> Schema:
    schema = schema.with_target(name, frame)
    _check_target(schema.task, name, frame)
    return schema


def _with_task(schema: Schema, task: Task, frame: pd.DataFrame) -> Schema:
    _check_target(task, schema.target, frame)
    return schema.with_task(task, frame)


def _check_target(task: Task | None, name: str | None, frame: pd.DataFrame) -> None:
    """Raise SchemaError if a target cannot be learned."""
    if name is not None and task is not None:
        Target.fit(frame[name], task, name)

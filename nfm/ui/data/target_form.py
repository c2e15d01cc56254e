"""The choice of the target and the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from nfm.settings import Task
from nfm.store.records import Dataset
from nfm.tabular.level_values import numbers
from nfm.tabular.schema import LONGEST_UNIT, Schema
from nfm.tabular.target_guess import is_rating
from nfm.tabular.target_values import class_counts
from nfm.tabular.wording import wording_of
from nfm.text import clipped
from nfm.ui.components import problems
from nfm.ui.data import column_formats, split_form
from nfm.ui.escaping import literal
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation
from nfm.ui.texts import TASK_NAMES

_WIDGETS = ("target", "task", "unit", "positive")
_SECTION = "target_form"


def possible_tasks(values: pd.Series) -> list[Task]:
    """Return the tasks that a target with these values can have, the usual one first.

    Args:
        values: Values of the target; missing ones are ignored.
    """
    numeric = bool(np.isfinite(numbers(values.dropna())).all())
    count = values.nunique()
    classes: Task = "binary" if count <= 2 else "multiclass"
    if not numeric:
        return [classes]
    return [classes, "regression"] if count <= 20 else ["regression", classes]


def show(dataset: Dataset) -> None:
    """Draw target, task and the shares of the split; every change is stored at once."""
    schema = dataset.schema
    keys = {name: form_key("schema", f"{name}.{dataset.id}") for name in _WIDGETS}
    names = [column.name for column in schema.columns]
    tasks: list[Task] = []
    if schema.target is not None:
        values = workspace.frame(dataset)[schema.target]
        tasks = _possible_tasks(dataset, schema.target)
        if schema.task is not None and schema.task not in tasks:
            tasks.append(schema.task)
    # A unit or a positive class makes five fields.
    with st.grid(4 if schema.task == "multiclass" else 5, min_column_width=150):
        st.selectbox(
            "Target",
            names,
            None if schema.target is None else names.index(schema.target),
            key=keys["target"],
            placeholder="Choose a column",
            on_change=_take,
            args=(dataset, keys["target"], schema.with_target),
            kwargs={"renew": True},
            help="The column to predict.",
        )
        st.selectbox(
            "Task",
            tasks,
            tasks.index(schema.task) if schema.task in tasks else None,
            format_func=lambda task: TASK_NAMES[task],
            key=keys["task"],
            on_change=_take,
            args=(dataset, keys["task"], schema.with_task),
            disabled=len(tasks) < 2,
            help="Classification: the model predicts a probability per class. Regression: it "
            "predicts a number.",
        )
        if schema.task == "regression":
            st.text_input(
                "Unit of the target",
                schema.unit,
                max_chars=LONGEST_UNIT,
                key=keys["unit"],
                placeholder="none, €, km, …",
                on_change=_take,
                args=(dataset, keys["unit"], lambda unit, _: schema.with_unit(unit or "")),
                help="Shown after every predicted number and on the axes of charts.",
            )
        elif schema.task == "binary":
            classes = _classes(dataset, schema.target)
            wording = wording_of(schema)
            positive = schema.positive or classes[-1]
            st.selectbox(
                "Positive class",
                classes,
                classes.index(positive) if positive in classes else None,
                format_func=lambda text: clipped(wording.label(text), 60),
                key=keys["positive"],
                on_change=_take,
                args=(dataset, keys["positive"], schema.with_positive),
                help="The class whose probability is predicted. Precision and recall refer to it.",
            )
        split_form.show_shares(dataset)
    problems.show(_SECTION)
    if schema.task == "regression" and is_rating(values):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{literal(schema.target)}** is a rating: predicted as a number, because a 4 is "
                "closer to a 5 than a 1 is."
            )
            st.button(
                "Treat as classes",
                icon=":material/category:",
                key="rating_as_classes",
                on_click=_take_classes,
                args=(dataset, tasks),
                help="Predict a probability for each rating instead, regardless of their order.",
            )
    if schema.target is not None:
        column_formats.show_column(dataset, schema.target)


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=workspace.CACHE_KEYS)
def _possible_tasks(dataset: Dataset, target: str) -> list[Task]:
    return possible_tasks(workspace.frame(dataset)[target])


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=workspace.CACHE_KEYS)
def _classes(dataset: Dataset, target: str | None) -> list[str]:
    return [text for text, _ in class_counts(workspace.frame(dataset)[target])]


def _take(
    dataset: Dataset,
    key: str,
    change: Callable[[Any, pd.DataFrame], Schema],
    *,
    renew: bool = False,
) -> None:
    """Store the schema that a field's new value makes; "renew" has all fields drawn anew."""
    if is_gone(key):
        return
    with problems.catch(_SECTION):
        workspace.update_schema(dataset, change(st.session_state[key], workspace.frame(dataset)))
    # After an error too: the box then shows the target that is still set.
    if renew:
        new_generation("schema")


def _take_classes(dataset: Dataset, tasks: list[Task]) -> None:
    with problems.catch(_SECTION):
        task = next(task for task in tasks if task != "regression")
        workspace.update_schema(dataset, dataset.schema.with_task(task, workspace.frame(dataset)))
    new_generation("schema")

"""What is predicted, and how the rows are divided."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.jobs.records import Dataset
from nfm.settings import Task
from nfm.tabular.splitting import SplitOptions, has_target
from nfm.tabular.values import numbers
from nfm.ui import workspace
from nfm.ui.escaping import literal
from nfm.ui.generations import form_key, renew
from nfm.ui.words import TASK_NAMES, plural

_WIDGETS = ("target", "task", "test", "validation")
_PROBLEM = "target_form.problem"


def possible_tasks(values: pd.Series) -> list[Task]:
    """Return the tasks that a target with these values can have, the usual one first."""
    numeric = bool(np.isfinite(numbers(values.dropna())).all())
    count = values.nunique()
    classes: Task = "binary" if count <= 2 else "multiclass"
    if not numeric:
        return [classes]
    return [classes, "regression"] if count <= 20 else ["regression", classes]


def show(opened: Dataset) -> None:
    """Draw target, task and shares; what is changed is kept at once."""
    schema = opened.schema
    keys = {name: form_key("schema", f"{name}.{opened.id}") for name in _WIDGETS}
    values = (
        schema.target,
        schema.task,
        round(100 * opened.split.test_fraction),
        round(100 * opened.split.validation_fraction),
    )
    for key, value in zip(keys.values(), values, strict=True):
        st.session_state.setdefault(key, value)
    tasks: list[Task] = []
    if schema.target is not None:
        tasks = possible_tasks(workspace.frame(opened)[schema.target])
        if schema.task is not None and schema.task not in tasks:
            tasks.append(schema.task)
    with st.grid(4, min_column_width=150):
        st.selectbox(
            "Target: what to predict",
            [column.name for column in schema.columns],
            key=keys["target"],
            placeholder="Choose a column",
            on_change=_take_target,
            args=(opened, keys),
        )
        st.selectbox(
            "Task",
            tasks,
            format_func=lambda task: TASK_NAMES[task],
            key=keys["task"],
            on_change=_take_task,
            args=(opened, keys),
            disabled=len(tasks) < 2,
            help="Classes: the answer is a probability for each. A number: the answer is a value.",
        )
        st.number_input(
            "Test rows (%)",
            min_value=0,
            max_value=90,
            step=5,
            key=keys["test"],
            on_change=_take_split,
            args=(opened, keys),
            help="Share of the rows that is set aside to judge the finished model.",
        )
        st.number_input(
            "Validation rows (%)",
            min_value=0,
            max_value=90,
            step=5,
            key=keys["validation"],
            on_change=_take_split,
            args=(opened, keys),
            help="Share of the other rows that chooses the best epoch, and is not learned from.",
        )
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(problem, icon=":material/error:")


def left_out(opened: Dataset) -> str:
    """Say how many rows have no target, in a sentence; empty if all have one."""
    name = opened.schema.target
    if name is None:
        return ""
    values = workspace.frame(opened)[name]
    count = len(values) - int(has_target(values).sum())
    if not count:
        return ""
    return f"{plural(count, 'row')} without a value there {'is' if count == 1 else 'are'} left out."


def _take_target(opened: Dataset, keys: dict[str, str]) -> None:
    try:
        schema = opened.schema.with_target(
            st.session_state[keys["target"]], workspace.frame(opened)
        )
    except NFMError as error:
        st.session_state[_PROBLEM] = literal(error)
        return
    workspace.update_schema(opened, schema)
    renew("schema")


def _take_task(opened: Dataset, keys: dict[str, str]) -> None:
    task: Task = st.session_state[keys["task"]]
    workspace.update_schema(opened, opened.schema.with_task(task, workspace.frame(opened)))


def _take_split(opened: Dataset, keys: dict[str, str]) -> None:
    shares = {
        "test_fraction": (st.session_state[keys["test"]] or 0) / 100,
        "validation_fraction": (st.session_state[keys["validation"]] or 0) / 100,
    }
    try:
        split = SplitOptions(**{**opened.split.model_dump(), **shares})
    except ValueError as error:
        st.session_state[_PROBLEM] = literal(error)
        return
    workspace.update_split(opened, split)

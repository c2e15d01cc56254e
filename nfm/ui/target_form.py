"""What is predicted, and how the rows are divided."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.jobs.records import Dataset
from nfm.settings import Task
from nfm.tabular.splitting import SplitOptions
from nfm.tabular.values import numbers
from nfm.ui import schema_table, workspace
from nfm.ui.escaping import literal
from nfm.ui.words import TASK_NAMES

_TARGET = "target_form.target"
_TASK = "target_form.task"
_TEST = "target_form.test"
_VALIDATION = "target_form.validation"
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
    st.session_state[_TARGET] = schema.target
    st.session_state[_TASK] = schema.task
    st.session_state[_TEST] = round(100 * opened.split.test_fraction)
    st.session_state[_VALIDATION] = round(100 * opened.split.validation_fraction)
    tasks: list[Task] = []
    if schema.target is not None:
        tasks = possible_tasks(workspace.frame(opened)[schema.target])
        if schema.task is not None and schema.task not in tasks:
            tasks.append(schema.task)
    with st.grid(4, min_column_width=150):
        st.selectbox(
            "Target: what to predict",
            [column.name for column in schema.columns],
            key=_TARGET,
            placeholder="Choose a column",
            on_change=_take_target,
            args=(opened,),
        )
        st.selectbox(
            "Task",
            tasks,
            format_func=lambda task: TASK_NAMES[task],
            key=_TASK,
            on_change=_take_task,
            args=(opened,),
            disabled=len(tasks) < 2,
            help="Classes: the answer is a probability for each. A number: the answer is a value.",
        )
        st.number_input(
            "Test rows (%)",
            min_value=0,
            max_value=90,
            step=5,
            key=_TEST,
            on_change=_take_split,
            args=(opened,),
            help="Share of the rows that is set aside to judge the finished model.",
        )
        st.number_input(
            "Validation rows (%)",
            min_value=0,
            max_value=90,
            step=5,
            key=_VALIDATION,
            on_change=_take_split,
            args=(opened,),
            help="Share of the other rows that chooses the best epoch, and is not learned from.",
        )
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(problem, icon=":material/error:")


def _take_target(opened: Dataset) -> None:
    try:
        schema = opened.schema.with_target(st.session_state[_TARGET], workspace.frame(opened))
    except NFMError as error:
        st.session_state[_PROBLEM] = literal(error)
        return
    workspace.update_schema(opened, schema)
    schema_table.start_afresh()


def _take_task(opened: Dataset) -> None:
    task: Task = st.session_state[_TASK]
    workspace.update_schema(opened, opened.schema.with_task(task, workspace.frame(opened)))


def _take_split(opened: Dataset) -> None:
    shares = {
        "test_fraction": (st.session_state[_TEST] or 0) / 100,
        "validation_fraction": (st.session_state[_VALIDATION] or 0) / 100,
    }
    try:
        split = SplitOptions(**{**opened.split.model_dump(), **shares})
    except ValueError as error:
        st.session_state[_PROBLEM] = literal(error)
        return
    workspace.update_split(opened, split)

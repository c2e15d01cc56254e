"""The choice of a table to evaluate and explain a model on, if its training table is missing."""

from __future__ import annotations

from functools import partial

import streamlit as st

from nfm.evaluation.examined_table import examined_table
from nfm.text import counted
from nfm.ui.components import problems, row_choice, upload
from nfm.ui.escaping import literal
from nfm.ui.state import row_history, services, workspace
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.widget_keys import is_gone

_SECTION = "model_table"


def show(model: CurrentModel) -> None:
    """Say which table replaces the model's training table, or offer to choose one.

    Args:
        model: The model; nothing is drawn if its training table is available.
    """
    problems.show(_SECTION)
    if model.examined_on:
        _show_chosen(model)
    elif model.frame is None:
        _show_offer(model)


def _show_chosen(model: CurrentModel) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="model_table"):
        st.markdown(
            f"This page uses the rows of **{literal(model.examined_on)}** instead of the rows that "
            "the model was trained on, also where it says “training rows”.",
            width="stretch",
        )
        st.button(
            "Choose another table",
            icon=":material/swap_horiz:",
            key="model_table.leave",
            on_click=_choose,
            args=(model.run_id, None),
            help="Stop using this table to evaluate and explain the model.",
        )
    if model.notes:
        with st.expander(f"How the table fits the model: {counted(len(model.notes), 'note')}"):
            st.markdown("\n".join(f"- {literal(note)}" for note in model.notes))


def _show_offer(model: CurrentModel) -> None:
    target = literal(model.bundle.target.name)
    st.markdown(
        "**Evaluate and explain the model on a table.** Any table with the model's columns and the "
        f"target {target} will do. Names, types and classes are checked first."
    )
    file, choice = st.columns(2, gap="large", vertical_alignment="top")
    with file:
        upload.show(
            "Table to evaluate the model on",
            "model_table.upload",
            partial(_take_file, model),
            help=f"{upload.readable_files()} Columns match by name.",
        )
    tables = workspace.dataset_names()
    if tables:
        key = f"model_table.choice.{model.run_id}"
        choice.selectbox(
            "Or one of your tables",
            list(tables),
            None,
            format_func=lambda chosen: tables.get(chosen, chosen),
            key=key,
            placeholder="Choose a table",
            on_change=_take_table,
            args=(model, key),
        )


def _take_file(model: CurrentModel, name: str, content: bytes) -> None:
    with problems.catch(_SECTION, f"**{literal(name)}**: "):
        examined_table(model.bundle, model.bundle.read_raw(content, name).frame)
        _choose(model.run_id, workspace.keep_file(name, content).id)


def _take_table(model: CurrentModel, key: str) -> None:
    if is_gone(key):
        return
    chosen = st.session_state[key]
    if chosen is None:
        return
    # Nothing is selected afterwards, so that the same table can be chosen again.
    del st.session_state[key]
    with problems.catch(_SECTION):
        store, mine = services.store(), services.workspace()
        table, content = store.dataset(mine, chosen), store.content(mine, chosen)
        examined_table(model.bundle, model.bundle.read_raw(content, table.name).frame)
        _choose(model.run_id, table.id)


def _choose(run_id: str, dataset_id: str | None) -> None:
    services.store().examine_on(services.workspace(), run_id, dataset_id)
    row_choice.forget(run_id)
    row_history.forget(run_id)

"""How the rows are divided into training, validation and test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.store.records import Dataset
from nfm.tabular.schema import Schema
from nfm.tabular.split_summary import CopyCount, SplitSummary, split_summary
from nfm.tabular.splitting import SplitOptions
from nfm.text import counted
from nfm.ui.escaping import literal
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation

Manner = Literal["random", "group", "time"]
_MANNERS: tuple[Manner, ...] = get_args(Manner)
_MANNER_NAMES: dict[Manner, str] = {
    "random": "At random",
    "group": "Whole groups",
    "time": "In time order",
}
_COPIES: dict[Literal["auto"] | bool, str] = {
    "auto": "Automatic",
    True: "Keep together",
    False: "Divide like other rows",
}
_FORM = "schema"
_PROBLEM = "split_form.problem"


def show_shares(opened: Dataset) -> None:
    """Draw the two shares, as two widgets of the caller's row."""
    for name, label, explanation in (
        ("test_fraction", "Test rows (%)", "Set aside to judge the finished model."),
        (
            "validation_fraction",
            "Validation rows (%)",
            "Share of the other rows that chooses the best epoch, and is not learned from.",
        ),
    ):
        key = form_key(_FORM, f"{name}.{opened.id}")
        st.number_input(
            label,
            min_value=0,
            max_value=90,
            value=round(100 * getattr(opened.split, name)),
            step=5,
            key=key,
            on_change=_take_share,
            args=(opened, name, key),
            help=explanation,
        )


def show(opened: Dataset) -> SplitSummary | None:
    """Draw the counts, and the further choices in a popover.

    Returns:
        The counts; None where the rows cannot be divided, which is said.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Split", icon=":material/call_split:"):
            _show_manner(opened)
        found = show_sentence(opened)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(problem, icon=":material/error:")
    if found is not None and found.copies is not None:
        _show_copies(opened, found.copies)
    if found is not None and found.single:
        st.warning(_single(found, opened.schema), icon=":material/warning:")
    return found


def show_sentence(opened: Dataset) -> SplitSummary | None:
    """Write the counts in a line, or why there are none.

    Returns:
        The counts; None where the rows cannot be divided.
    """
    try:
        found = summary(opened)
    except NFMError as error:
        st.error(literal(error), icon=":material/error:")
        return None
    st.markdown(sentence(found))
    return found


def sentence(found: SplitSummary) -> str:
    """Write the counts in a line (Markdown)."""
    parts = [f"**{found.train:,}** training"]
    parts += [f"**{found.validation:,}** validation"] if found.validation else []
    parts += [f"**{found.test:,}** test"] if found.test else []
    text = f"{' · '.join(parts)} rows."
    if found.left_out:
        one = found.left_out == 1
        fate = "has no target and is" if one else "have no target and are"
        text += f" {counted(found.left_out, 'row')} {fate} left out."
    if found.untrained:
        has = "has a class" if found.untrained == 1 else "have classes"
        text += (
            f" {counted(found.untrained, 'validation or test row')} {has} that no training row "
            "has: the model cannot predict that, and its figures leave them out."
        )
    return text


def copies_sentence(found: CopyCount) -> str:
    """Say how many rows are copies, and what is done with them."""
    if not found.together and not found.beyond_chance:
        return (
            f"{counted(found.rows, 'row')} repeat another row (target aside): "
            f"{counted(found.different, 'different row')} in all. Columns with few values produce "
            "such repeats, so they are divided like other rows."
        )
    text = (
        f"{counted(found.rows, 'row')} are copies of one another (target aside): "
        f"{counted(found.different, 'different row')} in all. "
    )
    if found.together:
        return text + "Copies stay in the same part."
    return text + (
        "Some are in training and in the test at once, so the model has seen part of the test and "
        "looks better than it is."
    )


def summary(opened: Dataset) -> SplitSummary:
    """Return how many rows each part has.

    Raises:
        SchemaError: If the rows cannot be split this way.
    """
    schema = opened.schema
    asked = (schema.target, schema.task, opened.split.model_dump_json())
    table = (opened.content_hash, opened.options.model_dump_json())
    return _summary(table, asked, workspace.frame(opened), schema, opened.split)


@st.cache_data(max_entries=50, show_spinner=False)
def _summary(
    table: tuple[Any, ...],
    asked: tuple[Any, ...],
    _frame: pd.DataFrame,
    _schema: Schema,
    _split: SplitOptions,
) -> SplitSummary:
    return split_summary(_frame, _schema, _split)


def _show_manner(opened: Dataset) -> None:
    # Values are given, not set in the session's state: what is set while the popover is
    # closed does not reach the browser.
    split = opened.split
    keys = {
        name: form_key(_FORM, f"split_{name}.{opened.id}")
        for name in ("manner", "column", "seed", "stratify", "copies")
    }
    manner: Manner = "group" if split.group_column else "time" if split.time_column else "random"
    chosen: Manner = st.selectbox(
        "Split method",
        _MANNERS,
        index=_MANNERS.index(manner),
        format_func=lambda each: _MANNER_NAMES[each],
        key=keys["manner"],
        on_change=_take_manner,
        args=(opened, keys),
        help="Whole groups: rows with the same value in a column (a family, a patient) stay "
        "together. In time order: the latest rows are the test.",
    )
    if chosen != "random":
        names = [name for name in opened.schema.names if name != opened.schema.target]
        column = split.group_column or split.time_column
        st.selectbox(
            "Group column" if chosen == "group" else "Time column",
            names,
            index=names.index(column) if column in names else None,
            key=keys["column"],
            placeholder="Choose a column",
            on_change=_take_manner,
            args=(opened, keys),
        )
    st.number_input(
        "Seed",
        min_value=0,
        max_value=2**32 - 1,
        value=split.random_state,
        step=1,
        key=keys["seed"],
        on_change=_take_manner,
        args=(opened, keys),
        disabled=chosen == "time",
        help="A different seed gives a different split; the same seed always gives the same one.",
    )
    st.toggle(
        "Stratified",
        split.stratify,
        key=keys["stratify"],
        on_change=_take_manner,
        args=(opened, keys),
        disabled=chosen == "time",
        help="Every part gets its share of each class (of a number: of each tenth).",
    )
    st.selectbox(
        "Copies of rows",
        list(_COPIES),
        index=list(_COPIES).index(split.keep_copies_together),
        format_func=lambda each: _COPIES[each],
        key=keys["copies"],
        on_change=_take_manner,
        args=(opened, keys),
        help="Rows that are equal in every column, target aside. If one is in training and its "
        "copy in the test, the model has seen the test. Automatic keeps copies in one part where "
        "there are clearly more than columns with few values produce by chance.",
    )
    try:
        found = summary(opened)
    except NFMError:
        return
    if found.classes:
        st.dataframe(
            pd.DataFrame(found.classes)
            .rename(columns=str.capitalize)
            .rename(columns={"Name": "Class", "Train": "Training"}),
            hide_index=True,
            height="content" if len(found.classes) <= 8 else 282,
            alt="Rows of each class in each part",
        )


def _show_copies(opened: Dataset, found: CopyCount) -> None:
    """Say what is done with copies; offer to keep together what should be."""
    if found.together or not found.beyond_chance:
        st.caption(copies_sentence(found))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(copies_sentence(found), icon=":material/warning:")
        st.button("Keep copies together", key="keep_copies", on_click=_keep_copies, args=(opened,))


def _keep_copies(opened: Dataset) -> None:
    _take(opened, keep_copies_together=True)
    new_generation(_FORM)


def _take_share(opened: Dataset, name: str, key: str) -> None:
    if is_gone(key):
        return
    _take(opened, **{name: (st.session_state[key] or 0) / 100})


def _take_manner(opened: Dataset, keys: dict[str, str]) -> None:
    if any(is_gone(keys[name]) for name in ("manner", "seed", "stratify", "copies")):
        return
    manner = st.session_state[keys["manner"]]
    column = st.session_state.get(keys["column"])
    if manner != "random" and column is None:
        return  # asked for next
    _take(
        opened,
        random_state=st.session_state[keys["seed"]] or 0,
        stratify=st.session_state[keys["stratify"]],
        keep_copies_together=st.session_state[keys["copies"]],
        group_column=column if manner == "group" else None,
        time_column=column if manner == "time" else None,
    )


def _take(opened: Dataset, **update: Any) -> None:
    try:
        split = SplitOptions(**{**opened.split.model_dump(), **update})
        summary(replace(opened, split=split))
    except NFMError as error:
        st.session_state[_PROBLEM] = literal(error)
        new_generation(_FORM)
        return
    workspace.update_split(opened, split)


def _single(found: SplitSummary, schema: Schema) -> str:
    names = ", ".join(f"**{literal(name[:40])}**" for name in found.single[:3])
    more = f" and {len(found.single) - 3:,} more" if len(found.single) > 3 else ""
    return (
        f"Only one row has {literal(schema.target)} = {names}{more}: too few to learn from. "
        "Leave such rows out of the file, or choose another target."
    )

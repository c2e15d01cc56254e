"""How the rows are split into training, validation and test rows."""

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
from nfm.ui.components import problems
from nfm.ui.components.labels import listed_names
from nfm.ui.escaping import literal
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation

SplitMethod = Literal["random", "group", "time"]
_METHODS: tuple[SplitMethod, ...] = get_args(SplitMethod)
_METHOD_NAMES: dict[SplitMethod, str] = {
    "random": "Random",
    "group": "By group",
    "time": "By time",
}
_COPIES: dict[Literal["auto"] | bool, str] = {
    "auto": "Automatic",
    True: "Keep together",
    False: "Split like other rows",
}
_FORM = "schema"
_SECTION = "split_form"


def show_shares(dataset: Dataset) -> None:
    """Draw the fields of both shares in the caller's container."""
    for name, label, explanation in (
        ("test_fraction", "Test rows (%)", "Held out to evaluate the finished model."),
        (
            "validation_fraction",
            "Validation rows (%)",
            "Share of the remaining rows, held out to choose the best epoch.",
        ),
    ):
        key = form_key(_FORM, f"{name}.{dataset.id}")
        st.number_input(
            label,
            min_value=0,
            max_value=90,
            value=round(100 * getattr(dataset.split, name)),
            step=5,
            key=key,
            on_change=_take_share,
            args=(dataset, name, key),
            help=explanation,
        )


def show(dataset: Dataset) -> SplitSummary | None:
    """Draw the counts of rows, and the options of the split in a popover.

    Returns:
        The counts; None if the rows cannot be split, and a message says why.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Split", icon=":material/call_split:"):
            _show_options(dataset)
        found = show_sentence(dataset)
    problems.show(_SECTION)
    if found is not None and found.copies is not None:
        _show_copies(dataset, found.copies)
    if found is not None and found.single:
        st.warning(_single(found, dataset.schema), icon=":material/warning:")
    return found


def show_sentence(dataset: Dataset) -> SplitSummary | None:
    """Draw the counts in one line, or the reason why the rows cannot be split.

    Returns:
        The counts; None if the rows cannot be split.
    """
    try:
        found = summary(dataset)
    except NFMError as error:
        st.error(literal(error), icon=":material/error:")
        return None
    st.markdown(sentence(found))
    return found


def sentence(found: SplitSummary) -> str:
    """Return the counts in one line (Markdown)."""
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
            "has: the model cannot predict it, and the metrics leave these rows out."
        )
    return text


def copies_sentence(found: CopyCount) -> str:
    """Say how many rows are copies and how they are split.

    Returns:
        Two or three sentences of plain text.
    """
    if not found.together and not found.beyond_chance:
        return (
            f"{counted(found.rows, 'row')} repeat another row (not counting the target): "
            f"{counted(found.different, 'different row')} in all. With so few different values "
            "per column, repeats are expected by chance, so these rows are split like all others."
        )
    text = (
        f"{counted(found.rows, 'row')} are copies of one another (not counting the target): "
        f"{counted(found.different, 'different row')} in all. "
    )
    if found.together:
        return text + "Copies are kept in the same part."
    return text + (
        "Some are both training and test rows, so the model has seen part of the test and its "
        "metrics look better than they are."
    )


def summary(dataset: Dataset) -> SplitSummary:
    """Return how many rows each part has.

    Returns:
        The counts, cached for the table, its target and its split.

    Raises:
        SchemaError: If the rows cannot be split this way.
    """
    schema = dataset.schema
    return _summary(dataset, (schema.target, schema.task), dataset.split, schema)


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=workspace.CACHE_KEYS)
def _summary(
    dataset: Dataset, target: tuple[str | None, ...], split: SplitOptions, _schema: Schema
) -> SplitSummary:
    return split_summary(workspace.frame(dataset), _schema, split)


def _show_options(dataset: Dataset) -> None:
    # Values are passed to the widgets, not set in the session state: what is set while the
    # popover is closed does not reach the browser.
    split = dataset.split
    keys = {
        name: form_key(_FORM, f"split_{name}.{dataset.id}")
        for name in ("method", "column", "seed", "stratify", "copies")
    }
    common: dict[str, Any] = {"on_change": _take_options, "args": (dataset, keys)}
    method: SplitMethod = (
        "group" if split.group_column else "time" if split.time_column else "random"
    )
    chosen: SplitMethod = st.selectbox(
        "Split method",
        _METHODS,
        index=_METHODS.index(method),
        format_func=lambda each: _METHOD_NAMES[each],
        key=keys["method"],
        **common,
        help="By group: rows with the same value in a column (a family, a patient) stay "
        "together. By time: the latest rows become the test rows.",
    )
    if chosen != "random":
        names = [name for name in dataset.schema.names if name != dataset.schema.target]
        column = split.group_column or split.time_column
        st.selectbox(
            "Group column" if chosen == "group" else "Time column",
            names,
            index=names.index(column) if column in names else None,
            key=keys["column"],
            placeholder="Choose a column",
            **common,
        )
    st.number_input(
        "Seed",
        min_value=0,
        max_value=2**32 - 1,
        value=split.random_state,
        step=1,
        key=keys["seed"],
        **common,
        disabled=chosen == "time",
        help="A different seed gives a different split; the same seed always gives the same one.",
    )
    st.toggle(
        "Stratified",
        split.stratify,
        key=keys["stratify"],
        **common,
        disabled=chosen == "time",
        help="Each part gets the same share of every class or, for a numeric target, of every "
        "tenth of its values.",
    )
    st.selectbox(
        "Copies of rows",
        list(_COPIES),
        index=list(_COPIES).index(split.keep_copies_together),
        format_func=lambda each: _COPIES[each],
        key=keys["copies"],
        **common,
        help="Duplicates: rows that are equal in every column except the target. If one is a "
        "training row and its copy a test row, the model has already seen the test row. Automatic "
        "keeps copies in one part if there are clearly more of them than chance explains.",
    )
    try:
        found = summary(dataset)
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


def _show_copies(dataset: Dataset, found: CopyCount) -> None:
    """Say how copies are split, and offer to keep them together if they should be."""
    if found.together or not found.beyond_chance:
        st.caption(copies_sentence(found))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(copies_sentence(found), icon=":material/warning:")
        st.button("Keep copies together", key="keep_copies", on_click=_keep_copies, args=(dataset,))


def _keep_copies(dataset: Dataset) -> None:
    _take(dataset, keep_copies_together=True)
    new_generation(_FORM)


def _take_share(dataset: Dataset, name: str, key: str) -> None:
    if is_gone(key):
        return
    _take(dataset, **{name: (st.session_state[key] or 0) / 100})


def _take_options(dataset: Dataset, keys: dict[str, str]) -> None:
    if any(is_gone(keys[name]) for name in ("method", "seed", "stratify", "copies")):
        return
    method = st.session_state[keys["method"]]
    column = st.session_state.get(keys["column"])
    if method != "random" and column is None:
        return  # the field of the column is drawn next
    _take(
        dataset,
        random_state=st.session_state[keys["seed"]] or 0,
        stratify=st.session_state[keys["stratify"]],
        keep_copies_together=st.session_state[keys["copies"]],
        group_column=column if method == "group" else None,
        time_column=column if method == "time" else None,
    )


def _take(dataset: Dataset, **update: Any) -> None:
    with problems.catch(_SECTION):
        split = SplitOptions(**{**dataset.split.model_dump(), **update})
        summary(replace(dataset, split=split))
        workspace.update_split(dataset, split)
        return
    new_generation(_FORM)


def _single(found: SplitSummary, schema: Schema) -> str:
    return (
        f"Only one row has {literal(schema.target)} = {listed_names(found.single)}, too few to "
        "learn from. Remove such rows from the file, or choose another target."
    )

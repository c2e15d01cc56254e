"""The profile of the open table: a chart per column, and its missing values."""

from __future__ import annotations

import streamlit as st

from nfm.figures.column_bars import column_bars
from nfm.figures.missing_map import COLUMNS, missing_map
from nfm.figures.number_format import number
from nfm.store.records import Dataset
from nfm.tabular.profile import TableProfile, profile_table
from nfm.tabular.schema import Schema
from nfm.tabular.wording import Wording, wording_of
from nfm.text import counted
from nfm.ui.components.figure_view import Panel, show_figure, show_panels
from nfm.ui.escaping import inline, literal
from nfm.ui.state import workspace

PER_PAGE = 9


def show(dataset: Dataset) -> None:
    """Draw the target, then the columns that tell most about it, then the missing values."""
    profile = _profile(dataset, dataset.schema)
    pages = max(1, -(-len(profile.columns) // PER_PAGE))
    page = 1
    if pages > 1:
        page = min(st.pagination(pages, key=f"profile.page.{dataset.id}"), pages)
    columns = list(profile.columns[(page - 1) * PER_PAGE : page * PER_PAGE])
    if profile.target is not None and page == 1:
        columns.insert(0, profile.target)
    show_panels(
        [
            Panel(
                column_bars(column, profile, wording_of(dataset.schema)),
                key=f"profile.{dataset.id}.{page}.{place}",
                alt=f"Rows by {column.name}",
            )
            for place, column in enumerate(columns)
        ],
        reading=_explanation(profile, wording_of(dataset.schema)),
        min_width=300,
    )
    _show_missing(profile)
    if profile.left_out:
        names = ", ".join(literal(name[:40]) for name in profile.left_out[:10])
        more = f" and {len(profile.left_out) - 10:,} more" if len(profile.left_out) > 10 else ""
        st.caption(f"Not drawn (identifiers, free text, constants): {names}{more}.")


def _explanation(profile: TableProfile, wording: Wording) -> str:
    """Explain the bars and how many rows they show (Markdown)."""
    said = ["A bar is as long as its group has rows."]
    if profile.rows < profile.total:
        said.append(f"Based on a sample: {profile.rows:,} evenly spaced rows of {profile.total:,}.")
    target = "" if profile.target is None else literal(profile.target.name)
    if profile.task == "binary":
        code = profile.classes[1]
        name = wording.label(code)
        shown = (
            f"with **{target} = {literal(code)}**" if name == code else f"of **{literal(name)}**"
        )
        said.append(
            f"Each bar's label is the share {shown}: blue where it is above the "
            f"{100 * (profile.mean or 0):.0f}% of all rows, orange where below."
        )
    elif profile.task == "regression":
        mean = inline(number(profile.mean or 0.0, wording.unit))
        said.append(
            f"Each bar's label is the mean **{target}**: blue where it is above the {mean} of all "
            "rows, orange where below."
        )
    elif profile.task == "multiclass":
        said.append(f"Each colour is a class of **{target}**.")
    return " ".join(said)


def _show_missing(profile: TableProfile) -> None:
    if not profile.missing_columns:
        st.markdown("No values are missing.")
        return
    show_figure(
        missing_map(profile),
        key="profile_missing",
        alt=f"Missing values of {counted(len(profile.missing_columns), 'column')}",
        reading="Each line is a column of the table, from its first row on the left to its last on "
        "the right; it is blue where values are missing.",
    )
    if len(profile.missing_columns) > COLUMNS:
        st.caption(
            f"Only the {COLUMNS} columns with the most missing values are drawn, of "
            f"{len(profile.missing_columns):,} that have any."
        )


@st.cache_data(
    max_entries=20, show_spinner="Profiling the columns …", hash_funcs=workspace.CACHE_KEYS
)
def _profile(dataset: Dataset, schema: Schema) -> TableProfile:
    return profile_table(workspace.frame(dataset), schema)

"""Where the model is wrong: errors by slice of any column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.computing_process import compute
from nfm.evaluation.slices import Slice, slices, worst_slices
from nfm.figures.labels import label, titled
from nfm.figures.slice_errors import slice_errors
from nfm.text import counted
from nfm.ui.components.figure_view import show_figure
from nfm.ui.escaping import literal
from nfm.ui.evaluate.held_out_rows import HeldOutEvaluation
from nfm.ui.evaluate.texts import worst_sentence
from nfm.ui.state.byte_cache import kept

_CLASS_ERRORS = {"wrong": "Wrong predictions (%)", "loss": "Log loss (nats)"}
_NUMBER_ERRORS = {
    "distance": "Mean absolute error",
    "residual": "Mean of actual − predicted",
}
# The search for the worst slices visits every column; more columns than this take seconds.
_COLUMNS_TO_SEARCH = 100


def show(rows: HeldOutEvaluation) -> None:
    """Draw the errors of the slices of a column."""
    st.header("Where is it wrong?", anchor=False)
    st.fragment(_panel)(rows)


def _panel(rows: HeldOutEvaluation) -> None:
    evaluation = rows.evaluation
    percent = not evaluation.is_regression
    found = _worst(rows)
    first = "distance" if evaluation.is_regression else "wrong"
    overall = float(_errors(rows, first).mean())
    searched = _searched(rows)
    st.markdown(
        worst_sentence(
            found,
            overall,
            percent=percent,
            columns=len(searched),
            left_out=rows.frame.shape[1] - 1 - len(searched),
            wording=rows.wording,
        )
    )
    kinds = _CLASS_ERRORS
    if evaluation.is_regression:
        unit = rows.wording.unit
        kinds = {kind: titled(title, unit) for kind, title in _NUMBER_ERRORS.items()}
    columns = [name for name in rows.frame.columns if name != evaluation.target.name]
    columns.append(evaluation.target.name)
    start = found[0].column if found else rows.bundle.schema.features[0].name
    choice, sort = st.columns(2, gap="large")
    column = choice.selectbox(
        "Column",
        columns,
        index=columns.index(start),
        key=f"evaluate.column.{rows.run_id}",
        persist_state="session",
        help="Any column of the table, also one that the model does not use.",
    )
    kind = sort.segmented_control(
        "Error",
        list(kinds),
        default=first,
        required=True,
        format_func=lambda kind: literal(kinds[kind]),
        key=f"evaluate.error.{rows.run_id}",
        persist_state="session",
    )
    parts = _slices(rows, column, kind)
    show_figure(
        slice_errors(
            parts,
            float(_errors(rows, kind).mean()),
            label(kinds[kind], 60),
            percent=kind == "wrong",
        ),
        key="evaluate_slices",
        alt=f"{kinds[kind]} of {counted(len(parts), 'slice')}",
        reading="Each point is the mean error of the rows with one value or range, its bar the "
        "95% interval. If the bar does not reach the line of all rows, the slice differs.",
    )
    with st.expander("As a table"):
        st.dataframe(
            _table(parts, kinds[kind], percent=kind == "wrong"),
            hide_index=True,
            height="content",
            alt=f"{kinds[kind]} of {counted(len(parts), 'slice')} with counts and intervals",
        )


def _searched(rows: HeldOutEvaluation) -> list[str]:
    """Return the columns to search for slices: of wide tables, the first ones."""
    names = [name for name in rows.frame.columns if name != rows.evaluation.target.name]
    return names[:_COLUMNS_TO_SEARCH]


def _errors(rows: HeldOutEvaluation, kind: str) -> np.ndarray:
    evaluation = rows.evaluation
    if kind == "wrong":
        return evaluation.is_error
    if kind == "loss":
        return evaluation.losses
    return np.abs(evaluation.residuals) if kind == "distance" else evaluation.residuals


def _table(parts: tuple[Slice, ...], measure: str, *, percent: bool) -> pd.DataFrame:
    factor = 100 if percent else 1
    ends = [each.interval or (np.nan, np.nan) for each in parts]
    return pd.DataFrame(
        {
            "Value": [each.name for each in parts],
            "Rows": [each.count for each in parts],
            measure: [round(factor * each.mean, 4) for each in parts],
            "from": [round(factor * low, 4) for low, _ in ends],
            "to": [round(factor * high, 4) for _, high in ends],
        }
    )


@kept()
def _slices(rows: HeldOutEvaluation, column: str, kind: str) -> tuple[Slice, ...]:
    return slices(rows.rows[column], _errors(rows, kind))


@kept("Looking for the worst slices …")
def _worst(rows: HeldOutEvaluation) -> tuple[Slice, ...]:
    kind = "distance" if rows.evaluation.is_regression else "wrong"
    return compute(worst_slices, rows.rows, _errors(rows, kind), _searched(rows))

"""Many rows on the Predict page: a file in, its predictions out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.evaluation.error_interval import ErrorInterval
from nfm.evaluation.scored_table import (
    Measured,
    ScoredTable,
    read_rows,
    score_table,
)
from nfm.evaluation.thresholds import threshold_percent
from nfm.figures.number_format import number, with_unit
from nfm.files.writing import csv_bytes
from nfm.tabular.data_dictionary import wording_of
from nfm.text import counted
from nfm.ui.components import upload
from nfm.ui.components.date_columns import date_columns
from nfm.ui.components.decision_rule_form import DecisionRuleForm
from nfm.ui.escaping import inline, literal
from nfm.ui.predict.file_names import file_name, stem
from nfm.ui.state import model_rows
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.form_fields import name_column
from nfm.ui.texts import result_figures

_PREVIEW_ROWS = 200
_PENDING = "predict_many.pending"
_RESULT = "predict_many.result"


@dataclass(frozen=True, eq=False)
class _Pending:
    """Rows that wait to be scored: a file, or the held-out rows of the model's own table."""

    version: str
    name: str
    content: bytes | None = None


@dataclass(frozen=True, eq=False)
class _Result:
    """Rows that were scored, or the sentence that says why not."""

    version: str
    name: str
    scored: ScoredTable | None = None
    problem: str = ""
    learned_from: bool = False


def show(model: CurrentModel) -> None:
    """Draw the upload, and what became of it."""
    st.markdown("Upload rows without the target and get a prediction for each.")
    _show_choice(model)
    pending = st.session_state.pop(_PENDING, None)
    if pending is not None and pending.version == model.version:
        st.session_state[_RESULT] = _score(model, pending)
    result = st.session_state.get(_RESULT)
    if result is None or result.version != model.version:
        return
    if result.scored is None:
        st.error(f"**{literal(result.name)}**: {literal(result.problem)}", icon=":material/error:")
        return
    _show_result(model, result, result.scored)


def _show_choice(model: CurrentModel) -> None:
    file, button = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    with file:
        upload.show(
            "Rows to predict",
            "predict_many.upload",
            partial(_take, model.version),
            help=f"{upload.readable_files()} Columns are found by their names, in any order. If "
            "the target is among them, you see how good the predictions are.",
        )
    evaluation = model_rows.held_out(model)
    if evaluation is not None:
        button.button(
            f"Or use the {counted(len(evaluation), f'{evaluation.part} row')}",
            key="predict_held_out",
            icon=":material/table_rows:",
            on_click=_take,
            args=(model.version, f"The {evaluation.part} rows"),
            help="Rows of the model's own table that it was not trained on.",
        )


def _take(version: str, name: str, content: bytes | None = None) -> None:
    st.session_state[_PENDING] = _Pending(version, name, content)


def _score(model: CurrentModel, pending: _Pending) -> _Result:
    bar = st.progress(0.0, "Reading the file …")

    def progress(done: int, rows: int) -> None:
        bar.progress(done / rows, f"Predicted {done:,} of {counted(rows, 'row')}")

    try:
        frame, notes = _rows(model, pending)
        bar.progress(0.0, f"Predicting {counted(len(frame), 'row')} …")
        scored = score_table(model.bundle, frame, progress, notes)
    except NFMError as error:
        return _Result(pending.version, pending.name, problem=str(error))
    finally:
        bar.empty()
    uploaded = pending.content is not None and not model.examined_on
    own = uploaded and model.frame is not None and _same(model, frame)
    return _Result(pending.version, pending.name, scored, learned_from=own)


def _same(model: CurrentModel, frame: pd.DataFrame) -> bool:
    """Say whether a file has exactly the rows of the table that the model learned from."""
    encoder, own = model.bundle.encoder, model.frame
    if own is None or len(own) != len(frame) or not set(encoder.columns) <= set(frame.columns):
        return False
    here, there = encoder.transform(frame), encoder.transform(own)
    return bool(
        np.array_equal(here.codes, there.codes)
        and np.array_equal(here.values, there.values, equal_nan=True)
    )


def _rows(model: CurrentModel, pending: _Pending) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if pending.content is not None:
        file = read_rows(model.bundle, pending.content, pending.name)
        return file.frame, file.notes
    evaluation = model_rows.held_out(model)
    if model.frame is None or evaluation is None:
        raise NFMError("The table of this model is gone: upload a file.")
    return model.frame.iloc[evaluation.rows], ()


def _show_result(model: CurrentModel, result: _Result, scored: ScoredTable) -> None:
    threshold = _choose_threshold(model)
    interval = model_rows.interval(model)
    st.success(
        f"**{literal(result.name)}**: {counted(len(scored), 'row')} predicted.",
        icon=":material/check_circle:",
    )
    _show_downloads(result, scored, threshold, interval)
    measured = scored.measure(threshold)
    if measured is not None:
        _show_figures(measured, model.bundle.schema.unit, learned_from=result.learned_from)
    st.dataframe(
        _preview(model, scored, threshold, interval),
        hide_index=True,
        height=320,
        placeholder="",
        column_config=date_columns(scored.frame) | _probability_bars(scored, threshold, interval),
        alt=f"The first rows of {counted(len(scored), 'row')} with their predictions",
    )
    if len(scored) > _PREVIEW_ROWS:
        st.caption(f"The first {_PREVIEW_ROWS} rows; the download has all {len(scored):,}.")
    st.caption(_meaning(scored, threshold, interval))
    for note in scored.notes:
        if "cannot be read" in note:
            st.warning(literal(note), icon=":material/warning:")
    if scored.notes:
        with st.expander(f"How the file was read: {counted(len(scored.notes), 'note')}"):
            st.markdown("\n".join(f"- {literal(note)}" for note in scored.notes))


def _choose_threshold(model: CurrentModel) -> float:
    """Draw the threshold of two classes with the costs, which are those of the Evaluate page."""
    target = model.bundle.target
    if target.task != "binary":
        return 0.5
    form = DecisionRuleForm("predict_many", model.run_id)
    name = wording_of(model.bundle.schema).label(target.class_names[1])
    with st.container(horizontal=True, vertical_alignment="bottom", key="predict_many_threshold"):
        threshold = form.show_threshold("Threshold", name)
        form.show_cost("false_alarm_cost", name)
        form.show_cost("miss_cost", name)
        form.show_implied(key="predict_many_implied")
    return threshold


def _show_downloads(
    result: _Result, scored: ScoredTable, threshold: float, interval: ErrorInterval | None
) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Download predictions",
            lambda: csv_bytes(scored.table(threshold, interval)),
            file_name("predictions", stem(result.name), ending="csv"),
            "text/csv",
            key="download_predictions",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            help="CSV: the file's columns and the answers. Text that a spreadsheet would run as a "
            "formula gets an apostrophe before it.",
        )
        if scored.identifier is not None:
            names = f"{scored.identifier}, {scored.bundle.target.name}"
            st.download_button(
                "Two-column file",
                lambda: _submission(scored, threshold),
                "submission.csv",
                "text/csv",
                key="download_submission",
                icon=":material/upload_file:",
                on_click="ignore",
                help=f"Only {literal(names)}, with ids and classes unchanged: what competitions "
                "such as Kaggle's take.",
            )
    if scored.guard_note:
        st.caption(literal(f"Download predictions: {scored.guard_note}"))


def _submission(scored: ScoredTable, threshold: float) -> bytes:
    table = scored.submission(threshold)
    return b"" if table is None else csv_bytes(table)


def _show_figures(measured: Measured, unit: str, *, learned_from: bool) -> None:
    left_out = (
        f"; {counted(measured.left_out, 'row')} without a known target left out"
        if measured.left_out
        else ""
    )
    are = "is" if measured.rows == 1 else "are"
    checked = f"{counted(measured.rows, 'row')} {are} checked"
    st.markdown(f"**The target is known**, so {checked}{left_out}.")
    if learned_from:
        st.warning(
            "This is the table that the model learned from, so these scores are too optimistic.",
            icon=":material/warning:",
        )
    figures = result_figures(measured.metrics, unit=unit)
    with st.grid(len(figures), min_column_width=140):
        for figure in figures:
            st.metric(figure.name, inline(figure.value), border=True)


def _preview(
    model: CurrentModel, scored: ScoredTable, threshold: float, interval: ErrorInterval | None
) -> pd.DataFrame:
    """Return the first rows: what names a row, the answers, then the file's other columns."""
    table = scored.head(_PREVIEW_ROWS).table(threshold, interval)
    answers = list(table.columns[scored.frame.shape[1] :])
    named = [scored.identifier, name_column(model.bundle.schema)]
    first = [name for name in dict.fromkeys(named) if name in table.columns]
    rest = [name for name in scored.frame.columns if name not in first]
    return table[[*first, *answers, *rest]]


def _probability_bars(
    scored: ScoredTable, threshold: float, interval: ErrorInterval | None
) -> dict[Any, Any]:
    """Draw probabilities as bars."""
    if scored.bundle.target.task == "regression":
        return {}
    names = scored.head(1).answers(threshold, interval).columns[1:]
    return {
        name: st.column_config.ProgressColumn(
            literal(name), min_value=0.0, max_value=1.0, format="%.3f"
        )
        for name in names
    }


def _meaning(scored: ScoredTable, threshold: float, interval: ErrorInterval | None) -> str:
    target = scored.bundle.target
    if target.task == "regression":
        if interval is None:
            return f"predicted_{literal(target.name)}: the number that the model predicts."
        start = f"{100 * interval.coverage:.0f} % of such rows lie within ± "
        margins, unit = interval.margins(scored.encoded, scored.outputs), scored.bundle.schema.unit
        low, high = number(float(margins.min())), number(float(margins.max()))
        if low == high:
            return f"{start}{inline(with_unit(low, unit))} of the predicted number."
        return (
            f"{start}{low} to {inline(with_unit(high, unit))} of the predicted number, more where "
            "similar rows vary more: between "
            f"{literal(target.name)}_from and {literal(target.name)}_to."
        )
    if target.task == "binary":
        code = target.class_names[1]
        name = wording_of(scored.bundle.schema).label(code)
        shown = literal(code) if name == code else f"{literal(code)} ({literal(name)})"
        return (
            f"The prediction is {shown} from a probability of {threshold_percent(threshold)} on: "
            "the threshold of the Evaluate page."
        )
    return "The prediction is the most probable class."

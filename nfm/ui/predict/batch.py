"""Batch prediction on the Predict page: upload rows, download their predictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from nfm.column_formats.column_format import DecimalMark
from nfm.errors import NFMError
from nfm.evaluation.error_interval import PredictionInterval
from nfm.evaluation.scored_table import Measured, ScoredTable, score_table
from nfm.evaluation.thresholds import threshold_percent
from nfm.figures.number_format import number, with_unit
from nfm.files.reading import TableFile
from nfm.files.writing import csv_bytes
from nfm.inference.bundle import Bundle
from nfm.tabular.decimal_marks import open_decimal_marks
from nfm.tabular.encoding import Encoder
from nfm.text import counted
from nfm.ui.components import upload
from nfm.ui.components.date_columns import date_columns
from nfm.ui.components.decision_rule_form import DecisionRuleForm
from nfm.ui.escaping import inline, literal
from nfm.ui.predict.file_names import file_name, stem
from nfm.ui.state import model_rows
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.form_fields import name_column
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation
from nfm.ui.texts import DECIMAL_NAMES, result_metrics

_PREVIEW_ROWS = 200
_PENDING = "predict_many.pending"
_RESULT = "predict_many.result"
_DECIMAL = "predict_many.decimal"
_QUESTIONS = 6
_DOUBTS = 12
_MARKS: dict[Any, str] = {None: "as in the training table", **DECIMAL_NAMES}


@dataclass(frozen=True, eq=False)
class _Source:
    """The rows that are scored: a file, or the held-out rows of the model's own table.

    A file that has been read can be scored again with another decimal mark.
    """

    version: str
    name: str
    content: bytes | None = None
    file: TableFile | None = None
    decimal: DecimalMark | None = None


@dataclass(frozen=True, eq=False)
class _Result:
    """Scored rows, or the message that explains why they could not be scored."""

    source: _Source
    scored: ScoredTable | None = None
    problem: str = ""
    learned_from: bool = False
    open_marks: tuple[str, ...] = ()


def show(model: CurrentModel) -> None:
    """Draw the upload and the predictions for it."""
    st.markdown("Upload rows without the target and get a prediction for each.")
    _show_choice(model)
    pending = st.session_state.pop(_PENDING, None)
    if pending is not None and pending.version == model.version:
        st.session_state[_RESULT] = _score(model, pending)
    result = st.session_state.get(_RESULT)
    if result is None or result.source.version != model.version:
        return
    if result.scored is None:
        st.error(
            f"**{literal(result.source.name)}**: {literal(result.problem)}", icon=":material/error:"
        )
    _choose_decimal(result)
    if result.scored is None:
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
            f"Use the {counted(len(evaluation), f'{evaluation.part} row')}",
            key="predict_held_out",
            icon=":material/table_rows:",
            on_click=_take,
            args=(model.version, f"The {evaluation.part} rows"),
            help="Rows of the model's own table that it was not trained on.",
        )


def _take(version: str, name: str, content: bytes | None = None) -> None:
    st.session_state[_PENDING] = _Source(version, name, content)
    new_generation(_DECIMAL)


def _choose_decimal(result: _Result) -> None:
    """Draw the choice of the decimal mark if the file's cells do not decide it."""
    if result.source.file is None or not result.open_marks:
        return
    if result.source.decimal is None:
        shown = "\n".join(f"- {literal(question)}" for question in result.open_marks[:_QUESTIONS])
        st.warning(f"Which decimal mark does the file use?\n{shown}", icon=":material/help:")
    key = form_key(_DECIMAL, "mark")

    def take() -> None:
        if not is_gone(key):
            st.session_state[_PENDING] = replace(result.source, decimal=st.session_state[key])

    marks = list(_MARKS)
    st.selectbox(
        "Decimal mark of the file",
        marks,
        index=marks.index(result.source.decimal),
        format_func=lambda mark: _MARKS[mark],
        key=key,
        on_change=take,
        help="Applies to all numbers in this file that are text. The model does not change.",
    )


def _score(model: CurrentModel, source: _Source) -> _Result:
    bar = st.progress(0.0, "Reading the file …")

    def progress(done: int, rows: int) -> None:
        bar.progress(done / rows, f"Predicted {done:,} of {counted(rows, 'row')}")

    file = source.file
    open_marks: tuple[str, ...] = ()
    bundle = model.bundle
    try:
        if source.content is not None:
            file = bundle.read_raw(source.content, source.name)
        if file is not None:
            open_marks = open_decimal_marks(file.frame, bundle.schema, file.options)
        if source.decimal is not None:
            bundle = bundle.with_decimal(source.decimal)
        if file is not None:
            frame = file.frame
        else:
            evaluation = model_rows.held_out(model)
            if model.frame is None or evaluation is None:
                raise NFMError("The table of this model is not available. Upload a file instead.")
            frame = model.frame.iloc[evaluation.rows]
        bar.progress(0.0, f"Predicting {counted(len(frame), 'row')} …")
        scored = score_table(bundle, frame, progress, () if file is None else file.notes)
    except NFMError as error:
        source = replace(source, content=None, file=file)
        return _Result(source, problem=str(error), open_marks=open_marks)
    finally:
        bar.empty()
    uploaded = file is not None and not model.examined_on
    own = uploaded and model.frame is not None and _same(model, bundle.encoder, frame)
    source = replace(source, content=None, file=file)
    return _Result(source, scored, learned_from=own, open_marks=open_marks)


def _same(model: CurrentModel, encoder: Encoder, frame: pd.DataFrame) -> bool:
    """Return whether a file has exactly the rows of the table that the model was trained on."""
    own = model.frame
    if own is None or len(own) != len(frame) or not set(encoder.columns) <= set(frame.columns):
        return False
    here, there = encoder.transform(frame), model.bundle.encoder.transform(own)
    return bool(
        np.array_equal(here.codes, there.codes)
        and np.array_equal(here.values, there.values, equal_nan=True)
    )


def _show_result(model: CurrentModel, result: _Result, scored: ScoredTable) -> None:
    threshold = _choose_threshold(model)
    interval = model_rows.interval(model)
    st.success(
        f"**{literal(result.source.name)}**: {counted(len(scored), 'row')} predicted.",
        icon=":material/check_circle:",
    )
    _show_downloads(result, scored, threshold, interval)
    measured = scored.measure(threshold)
    if measured is not None:
        _show_metrics(measured, model.bundle, learned_from=result.learned_from)
    st.dataframe(
        _preview(model, scored, threshold, interval),
        hide_index=True,
        height=320,
        placeholder="",
        column_config=date_columns(scored.frame) | _probability_bars(scored),
        alt=f"The first rows of {counted(len(scored), 'row')} with their predictions",
    )
    if len(scored) > _PREVIEW_ROWS:
        st.caption(f"The first {_PREVIEW_ROWS} rows; the download has all {len(scored):,}.")
    st.caption(_meaning(scored, threshold, interval))
    if model.bundle.member_scorers:
        st.caption(_meaning_of_members(model.bundle))
    doubts = (*(() if result.source.file is None else result.source.file.doubts), *scored.doubts)
    for doubt in doubts[:_DOUBTS]:
        st.warning(literal(doubt), icon=":material/warning:")
    if len(doubts) > _DOUBTS:
        st.caption(f"And {len(doubts) - _DOUBTS:,} more, in the list below.")
    if scored.notes:
        with st.expander(f"How the file was read: {counted(len(scored.notes), 'note')}"):
            st.markdown("\n".join(f"- {literal(note)}" for note in scored.notes))


def _choose_threshold(model: CurrentModel) -> float:
    """Draw the threshold and costs for two classes, which the Evaluate page shares."""
    target = model.bundle.target
    if target.task != "binary":
        return 0.5
    form = DecisionRuleForm("predict_many", model.run_id)
    name = model.bundle.wording.label(target.class_names[1])
    with st.container(horizontal=True, vertical_alignment="bottom", key="predict_many_threshold"):
        threshold = form.show_threshold("Threshold", name)
        form.show_cost("false_alarm_cost", name)
        form.show_cost("miss_cost", name)
        form.show_implied(key="predict_many_implied")
    return threshold


def _show_downloads(
    result: _Result, scored: ScoredTable, threshold: float, interval: PredictionInterval | None
) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Download predictions",
            lambda: csv_bytes(scored.table(threshold, interval)),
            file_name("predictions", stem(result.source.name), ending="csv"),
            "text/csv",
            key="download_predictions",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            help="CSV: the file's columns and the predictions. Text that a spreadsheet would run "
            "as a formula is prefixed with an apostrophe.",
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
                help=f"Only {literal(names)}, with ids and classes unchanged, as competitions "
                "such as Kaggle's expect.",
            )
    if scored.guard_note:
        st.caption(literal(f"Download predictions: {scored.guard_note}"))


def _submission(scored: ScoredTable, threshold: float) -> bytes:
    table = scored.submission(threshold)
    return b"" if table is None else csv_bytes(table)


def _show_metrics(measured: Measured, bundle: Bundle, *, learned_from: bool) -> None:
    left_out = (
        f"; {counted(measured.left_out, 'row')} without a known target left out"
        if measured.left_out
        else ""
    )
    are = "is" if measured.rows == 1 else "are"
    checked = f"{counted(measured.rows, 'row')} {are} checked"
    st.markdown(f"**The file has the target**, so {checked}{left_out}.")
    if learned_from:
        st.warning(
            "The model was trained on this table, so these scores are too optimistic.",
            icon=":material/warning:",
        )
    shown = result_metrics(
        measured.metrics, unit=bundle.schema.unit, regression_loss=bundle.settings.regression_loss
    )
    with st.grid(len(shown), min_column_width=140):
        for metric in shown:
            st.metric(metric.name, inline(metric.value), border=True)


def _preview(
    model: CurrentModel, scored: ScoredTable, threshold: float, interval: PredictionInterval | None
) -> pd.DataFrame:
    """Return the first rows: the row's name, the predictions, then the file's other columns."""
    table = scored.head(_PREVIEW_ROWS).table(threshold, interval)
    predictions = list(table.columns[scored.frame.shape[1] :])
    named = [scored.identifier, name_column(model.bundle.schema)]
    first = [name for name in dict.fromkeys(named) if name in table.columns]
    rest = [name for name in scored.frame.columns if name not in first]
    return table[[*first, *predictions, *rest]]


def _probability_bars(scored: ScoredTable) -> dict[Any, Any]:
    """Return column settings that draw probabilities as bars."""
    if scored.bundle.target.task == "regression":
        return {}
    names = scored.head(1).predictions().columns[1:]
    return {
        name: st.column_config.ProgressColumn(
            literal(name), min_value=0.0, max_value=1.0, format="%.3f"
        )
        for name in names
    }


def _meaning_of_members(bundle: Bundle) -> str:
    what = "probability of the predicted class"
    if bundle.target.task == "regression":
        what = "number"
    elif bundle.target.task == "binary":
        what = f"probability of {literal(bundle.target.class_names[1])}"
    return (
        f"members_from and members_to: the lowest and the highest {what} that a member of the "
        "ensemble gives alone. Errors that all members share do not show in them."
    )


def _meaning(scored: ScoredTable, threshold: float, interval: PredictionInterval | None) -> str:
    target = scored.bundle.target
    if target.task == "regression":
        if interval is None:
            return f"predicted_{literal(target.name)}: the number that the model predicts."
        start = f"For {100 * interval.coverage:.0f}% of such rows, the actual number is within ± "
        margins, unit = interval.margins(scored.encoded, scored.outputs), scored.bundle.schema.unit
        low, high = number(float(margins.min())), number(float(margins.max()))
        if low == high:
            return f"{start}{inline(with_unit(low, unit))} of the predicted number."
        return (
            f"{start}{low} to {inline(with_unit(high, unit))} of the predicted number, more where "
            "similar rows vary more. These limits are in the columns "
            f"{literal(target.name)}_from and {literal(target.name)}_to."
        )
    if target.task == "binary":
        code = target.class_names[1]
        name = scored.bundle.wording.label(code)
        shown = literal(code) if name == code else f"{literal(code)} ({literal(name)})"
        return (
            f"The prediction is {shown} if its probability is {threshold_percent(threshold)} or "
            "higher. The Evaluate page uses the same threshold."
        )
    return "The prediction is the most probable class."

"""Counterfactuals: the smallest changes that lead to another prediction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from nfm.computing_process import compute
from nfm.evaluation.thresholds import threshold_percent
from nfm.explanation.counterfactual import Change, Counterfactual, find_counterfactuals, nearest_row
from nfm.explanation.target_outcome import TargetOutcome, opposite_outcome
from nfm.figures.labels import titled
from nfm.figures.number_format import number
from nfm.figures.palette import HIGHLIGHT
from nfm.ui.components.labels import labelled
from nfm.ui.escaping import inline, literal
from nfm.ui.predict import change_limits
from nfm.ui.predict.prediction_request import PredictionRequest
from nfm.ui.state import model_rows, row_history
from nfm.ui.state.form_fields import name_column, row_label, row_values

_HALF_A_DIGIT = 0.0005  # of a probability as the page writes it
_SMALL = 1e-9
_DIFFERENT = f"background-color: {HIGHLIGHT}; font-weight: 600"


def show(request: PredictionRequest) -> None:
    """Draw the goal and its constraints, and the smallest changes that reach it."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        goal = _choose_goal(request)
    with right:
        allowed = change_limits.choose(request)
    result = compute(
        find_counterfactuals,
        request.reference,
        request.row,
        _visible(goal, request),
        locked=allowed.locked,
        limits=allowed.limits,
        most_changes=allowed.most_changes,
    )
    for place, one in enumerate(result.found):
        _show_changes(request, goal, one, f"{place + 1}.", f"try_{place}")
    searched = (
        f"{literal(result.description)} {literal(change_limits.limits_sentence(request, allowed))}"
    )
    if not result.found and not goal.reached(request.row.predictions):
        st.info("No set of changes reaches this goal.", icon=":material/info:")
        st.markdown(f"**What was searched:** {searched}")
        if result.nearest_miss is not None:
            _show_changes(request, goal, result.nearest_miss, "**Nearest miss:**", "try_miss")
    else:
        st.caption(searched)
    st.caption(
        "Levels and dates come from training rows. Numbers can take any value between the training "
        "minimum and maximum, or within your limits; they are then moved as close to this "
        f"{literal(request.wording.row)}'s values as the goal allows. They change the "
        "model's prediction; whether they would change the real outcome is another question."
    )
    _show_nearest(request, goal)


def _choose_goal(request: PredictionRequest) -> TargetOutcome:
    """Draw the goal: fixed for two classes, else a choice."""
    target, reference = request.bundle.target, request.reference
    predictions = request.row.predictions
    if target.task == "binary":
        goal = opposite_outcome(reference, predictions, threshold=request.threshold)
        goal_class = target.class_names[int(goal.kind == "at_least")]
        st.markdown(
            "Smallest changes that lead to "
            f"**{literal(request.wording.label(goal_class))}**: "
            f"{literal(request.axis.name)} {'at least' if goal.kind == 'at_least' else 'below'} "
            f"{threshold_percent(request.threshold)}."
        )
        return goal
    if target.task == "multiclass":
        others = [code for code in range(target.class_count) if code != request.output]
        others.sort(key=lambda code: -predictions[code])
        code = st.selectbox(
            "Target class",
            others,
            format_func=request.wording.labels(target.class_names).__getitem__,
            key=f"wanted.{request.run_id}.{request.output}",
            persist_state="session",
        )
        return opposite_outcome(reference, predictions, wanted=code)
    usual = opposite_outcome(reference, predictions)
    limit = st.number_input(
        **labelled(titled(f"Target value of {target.name}", request.wording.unit)),
        value=float(f"{usual.limit:.4g}"),
        key=f"limit.{request.run_id}",
        persist_state="session",
        help="Starts at the average prediction.",
    )
    return TargetOutcome("below" if predictions[0] >= limit else "at_least", 0, float(limit))


def _visible(goal: TargetOutcome, request: PredictionRequest) -> TargetOutcome:
    """Lower the goal until its probability reads as below the threshold: 49.9%, not 49.98%."""
    has_one_decimal = abs(1000 * goal.limit - round(1000 * goal.limit)) < _SMALL
    if request.bundle.target.task != "binary" or goal.kind != "below" or not has_one_decimal:
        return goal
    return replace(goal, limit=goal.limit - _HALF_A_DIGIT)


def _show_changes(
    request: PredictionRequest, goal: TargetOutcome, found: Counterfactual, name: str, key: str
) -> None:
    """Draw a counterfactual with its prediction and a button that applies it to the form."""
    words, button = st.columns([5, 1], vertical_alignment="center")
    axis = request.axis_of(goal.output)
    words.markdown(
        f"{name} {_changes_sentence(request, found.changes)}: "
        f"{literal(axis.name)} **{inline(axis.text(float(found.prediction[goal.output])))}**"
    )
    button.container(horizontal=True, horizontal_alignment="right").button(
        "Apply",
        icon=":material/edit:",
        key=key,
        help="Put these changes into the form; Undo reverts them.",
        on_click=row_history.put,
        args=(request.run_id, _with_changes(request, found.changes)),
    )


def _changes_sentence(request: PredictionRequest, changes: tuple[Change, ...]) -> str:
    wording = request.wording
    return ", ".join(
        f"{literal(wording.column(change.column))}: "
        f"{literal(wording.level(change.column, change.before))} → "
        f"**{literal(wording.level(change.column, change.after))}**"
        for change in changes
    )


def _with_changes(request: PredictionRequest, changes: tuple[Change, ...]) -> dict[str, Any]:
    """Return the form's values after the changes."""
    values = dict(request.edited)
    row = request.reference.frame.iloc[[0]].copy()
    for change in changes:
        dtype = "float64" if isinstance(change.cell, float) else row[change.column].dtype
        row[change.column] = pd.Series([change.cell], index=row.index, dtype=dtype)
    changed = row_values(request.bundle.encoder, request.fields, row, 0)
    return values | {change.column: changed[change.column] for change in changes}


def _show_nearest(request: PredictionRequest, goal: TargetOutcome) -> None:
    nearest = nearest_row(request.reference, request.row, goal)
    has_two = request.bundle.target.task == "binary"
    which = "with the other prediction" if has_two else "that reaches the goal"
    st.markdown(f"**The most similar {literal(request.wording.row)} {which}**")
    if nearest is None:
        st.markdown("The model predicts this for none of the training rows.")
        return
    model = request.model
    position = model_rows.training_row(model, nearest.position)
    name = f"Row {position + 1:,}"
    if model.frame is not None:
        name = row_label(model.frame, name_column(request.bundle.schema), position)
    axis = request.axis_of(goal.output)
    prediction = axis.text(float(nearest.prediction[goal.output]))
    st.markdown(
        f"{literal(name)}: {literal(axis.name)} **{inline(prediction)}**. Distance "
        f"{number(nearest.distance)} (0 = identical): a different category counts 1; two numbers "
        "count the mean of the share of training rows and the share of the range in between."
    )
    values = row_values(
        request.bundle.encoder, request.fields, request.reference.frame, nearest.row
    )
    st.dataframe(
        _comparison(request, values, nearest.changes),
        hide_index=True,
        width="content",
        height="content",
        column_config={"": st.column_config.TextColumn(width=40)},
        alt=f"This row beside the most similar one {which}",
    )
    st.button(
        "Load into form",
        icon=":material/edit:",
        key="try_nearest",
        help="Put this row into the form; Undo reverts it.",
        on_click=row_history.put,
        args=(request.run_id, values),
    )


def _comparison(
    request: PredictionRequest, values: dict[str, Any], found: tuple[Change, ...]
) -> Any:
    """Return two rows side by side; differences are highlighted, the largest first."""
    different = {change.column: change.distance for change in found}
    fields = sorted(request.fields, key=lambda field: -different.get(field.name, 0.0))
    table = pd.DataFrame(
        {
            "": ["\N{NOT EQUAL TO}" if field.name in different else "" for field in fields],
            "Column": [field.title for field in fields],
            "In the form": [field.show(request.edited[field.name]) for field in fields],
            "Most similar": [field.show(values[field.name]) for field in fields],
        }
    )
    marked = [field.name in different for field in fields]

    def paint(line: pd.Series) -> list[str]:
        return [_DIFFERENT if marked[int(str(line.name))] else ""] * len(line)

    return table.style.apply(paint, axis=1)

"""The form for one row, with its prediction and explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nfm.column_formats.list_text import join_items, split_items
from nfm.errors import NFMError
from nfm.evaluation.error_interval import PredictionInterval
from nfm.explanation.out_of_distribution import out_of_distribution_notes
from nfm.figures.probabilities import bar_height, probability_bars
from nfm.text import counted
from nfm.ui.components import lazy_tabs, row_choice
from nfm.ui.components.announcement import announce
from nfm.ui.components.figure_view import show_chart
from nfm.ui.components.labels import labelled
from nfm.ui.escaping import inline, literal
from nfm.ui.navigation import go_to
from nfm.ui.predict import counterfactuals, explanation, scenarios, what_if
from nfm.ui.predict.prediction_request import PredictionRequest
from nfm.ui.predict.row_prediction import predict_row
from nfm.ui.state import model_rows, opened_lesson, row_history
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.decision_rules import decision_rule
from nfm.ui.state.form_fields import (
    FormField,
    changes,
    columns_that_differ,
    date_reading,
    form_fields,
    name_column,
    row_label,
    row_values,
)
from nfm.ui.state.row_text import with_edits
from nfm.ui.texts import delta_look


def show(model: CurrentModel) -> None:
    """Draw the choice of a row, the form, its prediction and explanations."""
    bundle, frame = model.bundle, model.frame
    wording = bundle.wording
    fields = form_fields(bundle.encoder, wording)
    threshold = decision_rule(model.run_id).threshold
    lesson = opened_lesson.row(model.run_id)
    row, name = 0, f"A typical {wording.row}"
    if frame is not None and len(frame):
        if lesson is not None and lesson.row is not None:
            row_choice.choose(model.run_id, frame, lesson.row - 1)
        row = row_choice.show(model, frame, wording, threshold)
        name = row_label(frame, name_column(bundle.schema), row)
    original = row_values(bundle.encoder, fields, frame, row)
    differing: tuple[str, ...] = ()
    if frame is not None and len(frame):
        differing = columns_that_differ(bundle.encoder, fields, frame, row, original)
    row_history.start(model.run_id, row, original)
    messages = st.container()
    if lesson is not None:
        edited, problems = with_edits(fields, original, lesson.edits)
        row_history.put(model.run_id, edited)
        for problem in problems:
            messages.warning(literal(problem), icon=":material/link_off:")
    # A fragment: an edit redraws the prediction, and nothing above it.
    st.fragment(_show_row)(model, fields, name, original, differing, threshold)


def _show_row(
    model: CurrentModel,
    fields: tuple[FormField, ...],
    name: str,
    original: Mapping[str, Any],
    differing: tuple[str, ...],
    threshold: float,
) -> None:
    # first_style.css keeps room for the prediction, which is drawn last; a number needs less.
    is_number = model.bundle.schema.task == "regression"
    place = st.container(border=True, key="prediction_number" if is_number else "prediction")
    edited = _show_fields(model, fields, original)
    row_history.note(model.run_id, edited)
    request = PredictionRequest(
        model=model,
        training_rows=model_rows.reference(model),
        wording=model.bundle.wording,
        fields=fields,
        name=name,
        original=original,
        edited=edited,
        threshold=threshold,
    )
    try:
        with place:
            _show_prediction(request, model_rows.interval(model))
        _show_edits(request, differing)
        if request.training_rows is None:
            st.info(
                "The table that this model was trained on is not available. Explanations compare a "
                "row with the training rows, so they need a table. Choose one.",
                icon=":material/info:",
            )
            st.button(
                "Evaluate and explain it on a table",
                icon=":material/arrow_forward:",
                key="to_model_table",
                on_click=go_to,
                args=("evaluate",),
            )
            return
        for caution in out_of_distribution_notes(request.reference, request.row, request.wording):
            st.warning(literal(caution.text), icon=":material/warning:")
        _show_parts(request)
    except NFMError as error:
        place.error(literal(error), icon=":material/error:")


def _show_parts(request: PredictionRequest) -> None:
    """Draw the tabs; only the open one is computed."""
    parts = {
        "Why this prediction?": explanation.show,
        "What if?": what_if.show,
        "Two columns": what_if.show_two_columns,
        "What would change it?": counterfactuals.show,
        "Kept scenarios": scenarios.show,
    }
    lazy_tabs.show(parts, request, key="predict_parts")


def _show_fields(
    model: CurrentModel, fields: Sequence[FormField], original: Mapping[str, Any]
) -> dict[str, Any]:
    """Draw the fields, most important first, and return their values in the model's order."""
    places = {field.name: place for place, field in enumerate(fields)}
    values: dict[str, Any] = dict.fromkeys(places)
    encoder = model.bundle.encoder
    grid = st.grid(4, min_column_width=160, vertical_alignment="bottom")
    for name in model_rows.ranking(model):
        place = places[name]
        key = row_history.field_key(model.run_id, place)
        given = row_history.given(model.run_id, name)
        if fields[place].widget == "number":
            row_history.put_number(model.run_id, place, given)
        with grid.cell(), st.container(gap=None):
            values[name] = _show_field(key, fields[place], given)
            line = _note(fields[place], values[name], original[name])
            if fields[place].widget == "text" and values[name] != original[name]:
                read_as = date_reading(encoder, name, values[name])
                line += f" :small[{literal(read_as)}]" if read_as else ""
            st.markdown(line)
    row_history.drawn(model.run_id)
    return values


def _show_field(key: str, field: FormField, given: Any) -> Any:
    common: dict[str, Any] = {"key": key, "persist_state": "session", **labelled(field.title)}
    if field.widget == "levels":
        words = field.words or field.levels
        index = field.codes.index(given)
        return st.selectbox(
            options=field.codes, index=index, format_func=words.__getitem__, **common
        )
    if field.widget == "list":
        chosen = split_items(given, field.separator)
        names = dict(zip(field.levels, field.words, strict=True))
        items = st.multiselect(
            options=dict.fromkeys((*field.levels, *chosen)),
            default=chosen,
            format_func=lambda item: names.get(item, item),
            placeholder="missing",
            **common,
        )
        return join_items(items, field.separator)
    if field.widget == "number":
        return st.number_input(
            value=None, placeholder="missing", step=field.step, format="%g", **common
        )
    return st.text_input(value=given, placeholder="missing", **common)


def _note(field: FormField, value: Any, original: Any) -> str:
    """Return the line below a field: its original value if edited, else its range (Markdown)."""
    if value != original:
        return f":small[:orange-badge[was {literal(field.show(original)[:40])}]]"
    # The line is always there, so that an edit moves nothing.
    return f":small[:gray[{literal(field.hint) or '&nbsp;'}]]"


def _show_prediction(request: PredictionRequest, interval: PredictionInterval | None) -> None:
    result = predict_row(
        request.bundle,
        request.frames,
        wording=request.wording,
        threshold=request.threshold,
        interval=interval,
    )
    announce(result.spoken)
    number, bars = st.columns([1, 2], vertical_alignment="center")
    # The grey text takes the place of the difference, so that nothing below moves.
    number.metric(
        literal(result.title),
        inline(result.value),
        delta=inline(
            result.change or ("no change" if request.training_rows is None else "as in the table")
        ),
        **delta_look(result.change),
        delta_description="against the original row" if result.change else None,
    )
    if result.classes:
        show_chart(
            probability_bars(
                result.classes, result.probabilities, result.before if result.change else None
            ),
            key="probabilities",
            height=bar_height(len(result.classes)),
            alt=", ".join(
                f"{name}: {100 * share:.1f}%"
                for name, share in zip(result.classes, result.probabilities, strict=True)
            )[:300],
            reading="A bar is the probability of a class. After an edit, the mark is the "
            "original row's.",
            place=bars,
        )
    if result.decision:
        st.markdown(literal(result.decision))
    if result.members:
        st.caption(literal(result.members))


def _show_edits(request: PredictionRequest, differing: tuple[str, ...]) -> None:
    """Draw the list of edits with the buttons to keep, undo and reset them."""
    scenarios.show_kept_message()
    words, buttons = st.columns([3, 2], vertical_alignment="center")
    edits = changes(request.fields, request.original, request.edited)
    if edits:
        shown = "; ".join(
            f"{literal(name)}: {literal(old)} → **{literal(new)}**" for name, old, new in edits
        )
        words.markdown(f"{counted(len(edits), 'change')}: {shown}")
    elif request.training_rows is None:
        words.markdown("This row is made of medians and frequent levels. Change a field above.")
    elif differing:
        names = ", ".join(f"**{literal(name)}**" for name in differing)
        words.markdown(
            f"The form shows a different value from the table in {names}. Change a field above."
        )
    else:
        words.markdown("This is the row as it stands in the table. Change a field above.")
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        if request.training_rows is not None:
            st.button(
                "Keep",
                icon=":material/bookmark_add:",
                key="keep_scenario",
                on_click=scenarios.keep,
                args=(request,),
                help="Add this row to the kept scenarios.",
            )
        st.button(
            "Undo",
            icon=":material/undo:",
            key="undo_edit",
            on_click=row_history.undo,
            args=(request.run_id,),
            disabled=not row_history.can_undo(request.run_id),
            help="Undo the last edit.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key="reset_row",
            on_click=row_history.put,
            args=(request.run_id, request.original),
            disabled=request.edited == request.original,
            help="Undo all edits.",
        )

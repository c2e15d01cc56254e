"""The head of a page: title, tour, Present, and the link that opens the page as it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from nfm.errors import NFMError
from nfm.lesson_links.lesson import Lesson, nearest_preset, write_lesson
from nfm.lesson_links.lesson_table import table_fields
from nfm.settings import Settings
from nfm.text import counted
from nfm.ui import present
from nfm.ui.components import tour
from nfm.ui.escaping import literal
from nfm.ui.navigation import PageName
from nfm.ui.state import (
    current_model,
    opened_lesson,
    row_history,
    settings_fields,
    workspace,
    workspace_runs,
)
from nfm.ui.state.decision_rules import decision_rule
from nfm.ui.state.form_fields import form_fields, row_values
from nfm.ui.state.row_text import write_cell
from nfm.ui.texts import PRESET_NAMES

_PAGES_OF_A_MODEL = ("predict", "evaluate", "interactions")


def show_title(title: str, page: PageName) -> None:
    """Draw a page's title and, beside it, the tour and the buttons for Present and the link."""
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="page_head",
    ):
        st.title(title, anchor=False, width="content")
        # A line of its own would push the figures below the fold.
        tour.show(page)
        buttons = st.container(horizontal=True, vertical_alignment="center", width="content")
    with buttons:
        present.show_button()
        if opened_lesson.hidden():
            st.button(
                "Show controls",
                icon=":material/tune:",
                type="tertiary",
                key="show_controls",
                on_click=opened_lesson.show_controls,
                help="Show the controls that the link to this lesson hides.",
            )
            return
        place = st.popover(
            "Link",
            icon=":material/link:",
            type="tertiary",
            key="lesson_link",
            on_change="rerun",
            help="A link that opens this page with the same data and settings.",
        )
        if place.open:
            with place:
                _show_link(page)


def _show_link(page: PageName) -> None:
    try:
        lesson, note = _lesson(page)
    except NFMError as error:
        st.warning(literal(error), icon=":material/link_off:")
        return
    hide = st.toggle(
        "Hide the controls",
        key="lesson_hide",
        help="For a class or a talk: only the data, Train and Stop, the curves and the "
        "predictions remain. A button brings the controls back.",
    )
    address = _address(page, lesson.model_copy(update={"hide": hide}))
    st.code(address, language=None, wrap_lines=True)
    st.caption(note)


def _address(page: PageName, lesson: Lesson) -> str:
    base = (st.context.url or "").rstrip("/").removesuffix(f"/{page}")
    address = f"{base}/{'' if page == 'data' else page}?{write_lesson(lesson)}"
    if page == "learn":
        step = st.session_state.get("step", "")
        kept, card = st.session_state.get("learn.open", (step, 1))
        place = {"step": step, "card": card if kept == step else 1}
        address += "&" + urlencode(place, quote_via=quote)
    return address


def _lesson(page: PageName) -> tuple[Lesson, str]:
    """Return what the page shows now, and a sentence about what the link includes (Markdown)."""
    fields: dict[str, Any] = {}
    run = workspace_runs.current()
    model = current_model.current() if page in _PAGES_OF_A_MODEL else None
    if model is not None and model.has_own_table:
        run = workspace_runs.find(model.run_id)
        dataset = workspace_runs.dataset_of(run)
        settings, schema, split = run.settings, run.schema, run.split
        if page != "interactions":
            threshold = decision_rule(model.run_id).threshold
            fields["threshold"] = None if threshold == 0.5 else threshold
    else:
        settings_fields.prepare_form(Settings() if run is None else run.first_settings)
        dataset = workspace.dataset()
        settings, schema, split = settings_fields.read_form(), dataset.schema, dataset.split
    fields["settings"] = settings
    sample = workspace.sample_of(dataset)
    if sample is None:
        note = "The link opens this page with these settings. It does not include your own table."
        return Lesson(**fields), note
    fields |= {"data": sample.key, "split": split}
    fields |= table_fields(sample.key, workspace.frame(dataset), schema)
    if page == "predict" and model is not None:
        fields |= _row(model)
    preset, differing = nearest_preset(settings)
    changed = f" and {counted(len(differing), 'changed setting')}" if differing else ""
    note = f"{sample.title}, preset {PRESET_NAMES[preset]}{changed}, seed {settings.random_state}"
    if edits := fields.get("edits"):
        note += f", row {fields['row']} with {counted(len(edits), 'edit')}"
    return Lesson(**fields), literal(note + ".")


def _row(model: current_model.CurrentModel) -> dict[str, Any]:
    """Return the row of the form and its edits, if the form was filled."""
    filled = row_history.current(model.run_id)
    if filled is None or model.frame is None or not model.has_own_table:
        return {}
    row, edited = filled
    encoder = model.bundle.encoder
    fields = form_fields(encoder)
    original = row_values(encoder, fields, model.frame, row)
    edits = {
        field.name: write_cell(field, edited[field.name])
        for field in fields
        if field.name in edited and edited[field.name] != original[field.name]
    }
    return {"row": row + 1, "edits": edits}

"""Scenarios: edited rows kept with their predictions, to reopen and to download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import streamlit as st

from nfm.figures.labels import titled
from nfm.figures.number_format import decimals_of
from nfm.figures.number_format import number as written
from nfm.files.writing import csv_bytes, guard_note
from nfm.text import counted
from nfm.ui.escaping import literal
from nfm.ui.predict.prediction_request import PredictionRequest
from nfm.ui.state import row_history, services
from nfm.ui.state.form_fields import FormField, changes

MOST = 100
_JUST_KEPT = "scenarios.kept_now"


@dataclass(frozen=True)
class Scenario:
    """One kept row with its prediction.

    Attributes:
        name: Name of the original row; user text.
        original: Form values of the original row, by column.
        edited: Form values of the edited row, by column.
        prediction: A probability, or a number.
        before: The prediction for the original row.
        decided: The predicted class, or the number, as text.
    """

    name: str
    original: dict[str, Any]
    edited: dict[str, Any]
    prediction: float
    before: float
    decided: str


def add(kept: Sequence[Scenario], new: Scenario) -> list[Scenario]:
    """Add a scenario at the top without duplicates; drop the oldest beyond `MOST`."""
    return [new, *(one for one in kept if one != new)][:MOST]


def overview(kept: Sequence[Scenario], fields: Sequence[FormField], factor: float) -> pd.DataFrame:
    """Return the table of scenarios for display.

    Args:
        kept: The scenarios.
        fields: Fields of the form.
        factor: Multiplier of predictions: 100 for probabilities.
    """
    return pd.DataFrame(
        {
            "Changes": [_changes(one, fields) for one in kept],
            "Prediction": [factor * one.prediction for one in kept],
            "Difference": [factor * (one.prediction - one.before) for one in kept],
            "Decision": [one.decided for one in kept],
            "Original row": [one.name for one in kept],
        }
    )


def download(
    kept: Sequence[Scenario], fields: Sequence[FormField], prediction_name: str
) -> pd.DataFrame:
    """Return the table of scenarios for a file: all columns with the table's own values."""
    columns: dict[str, list[Any]] = {
        "original row": [one.name for one in kept],
        "changes": [_changes(one, fields) for one in kept],
        prediction_name: [one.prediction for one in kept],
        f"{prediction_name}, original row": [one.before for one in kept],
        "decision": [one.decided for one in kept],
    }
    for field in fields:
        values = [one.edited[field.name] for one in kept]
        name = field.name if field.name not in columns else f"{field.name} (column)"
        if field.widget == "levels":
            columns[name] = [field.levels[code] for code in values]
        else:
            columns[name] = values
    return pd.DataFrame(columns)


def _changes(one: Scenario, fields: Sequence[FormField]) -> str:
    made = changes(fields, one.original, one.edited)
    return "; ".join(f"{name}: {old} → {new}" for name, old, new in made) or "none"


def keep(request: PredictionRequest) -> None:
    """Add the row in the form to the kept scenarios."""
    _save(request.run_id, add(_kept(request), _scenario(request)))
    # Shown when the page is drawn: an element drawn in a fragment's callback would replace the
    # stylesheet, the first element of the page.
    st.session_state[_JUST_KEPT] = True


def show_kept_message() -> None:
    """Show a message if a row has just been kept."""
    if st.session_state.pop(_JUST_KEPT, False):
        st.toast("Kept: see **Kept scenarios**.", icon=":material/bookmark_added:")


def show(request: PredictionRequest) -> None:
    """Draw the list of scenarios with its buttons."""
    kept = _kept(request)
    if not kept:
        st.markdown("No scenarios yet. **Keep**, below the form, adds the row to this list.")
        return
    axis = request.axis
    form = f"%,.{1 if axis.is_share else decimals_of(*(one.prediction for one in kept))}f"
    number = st.column_config.NumberColumn
    chosen = st.dataframe(
        overview(kept, request.fields, axis.factor),
        hide_index=True,
        key=f"scenarios.{request.run_id}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Changes": st.column_config.TextColumn(width="medium"),
            "Prediction": number(
                titled("Prediction", axis.unit), format=form, help=literal(axis.name)
            ),
            "Difference": number(
                titled("Difference", axis.difference_unit),
                format=form,
                help="Against the original row.",
            ),
        },
        alt=f"{counted(len(kept), 'scenario')} with their changes and predictions",
    ).selection.rows
    place = chosen[0] if chosen and chosen[0] < len(kept) else None
    is_multiclass = request.bundle.target.task == "multiclass"
    prediction_name = "Probability of the decision" if is_multiclass else axis.name
    table = download(kept, request.fields, prediction_name)
    with st.container(horizontal=True):
        st.button(
            "Load into form",
            icon=":material/edit:",
            key="use_scenario",
            disabled=place is None,
            help="Put the selected scenario into the form; Undo reverts it.",
            on_click=row_history.put,
            args=(request.run_id, None if place is None else kept[place].edited),
        )
        st.button(
            "Remove",
            icon=":material/delete:",
            key="remove_scenario",
            disabled=place is None,
            on_click=_save,
            args=(request.run_id, [one for number, one in enumerate(kept) if number != place]),
        )
        st.download_button(
            "Download all",
            lambda: csv_bytes(table),
            "scenarios.csv",
            "text/csv",
            icon=":material/download:",
            key="download_scenarios",
            on_click="ignore",
        )
    st.caption("Select a scenario with the box on its left to load or remove it.")
    if note := guard_note(table):
        st.caption(literal(f"Download all: {note}"))


def _scenario(request: PredictionRequest) -> Scenario:
    bundle, frames = request.bundle, request.frames
    if bundle.target.task == "regression":
        before, after = (float(value) for value in bundle.predict(frames))
        decided = written(after, request.wording.unit)
    else:
        shares = bundle.predict_proba(frames)
        output = 1 if bundle.target.task == "binary" else int(shares[1].argmax())
        before, after = float(shares[0][output]), float(shares[1][output])
        code = int(after >= request.threshold) if bundle.target.task == "binary" else output
        decided = request.wording.label(bundle.target.class_names[code])
    return Scenario(
        request.name, dict(request.original), dict(request.edited), after, before, decided
    )


def _kept(request: PredictionRequest) -> list[Scenario]:
    states = services.store().get_preference(
        services.workspace(), f"scenarios.{request.run_id}", []
    )
    columns = {field.name for field in request.fields}
    # Older versions stored the prediction as "answer".
    former = {"answer": "prediction"}
    kept = [
        Scenario(**{former.get(name, name): value for name, value in state.items()})
        for state in states
    ]
    return [one for one in kept if set(one.edited) == columns]


def _save(run_id: str, kept: list[Scenario]) -> None:
    services.store().set_preference(
        services.workspace(), f"scenarios.{run_id}", [asdict(one) for one in kept]
    )

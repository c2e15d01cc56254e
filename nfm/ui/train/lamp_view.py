"""The truth table of the samples XOR and parity, as the model learns it."""

from __future__ import annotations

import streamlit as st

from nfm.errors import NFMError
from nfm.figures.learn_charts import truth_table_bars
from nfm.jobs.runs import LiveRun
from nfm.store.records import Dataset, Run
from nfm.teaching.lamp_sample import LampTable, lamp_probabilities, lamp_table, switch_columns
from nfm.ui.components.figure_view import show_chart
from nfm.ui.state import current_model, workspace, workspace_runs

_HEIGHT = 240


def table_of(dataset: Dataset, run: Run | None) -> LampTable | None:
    """Return the truth table of the sample on which the run trains.

    Args:
        dataset: The open table.
        run: The current run; None for the open table.

    Returns:
        The table; None if the data are another table, or were deleted.
    """
    switches = switch_columns(dataset.schema if run is None else run.schema)
    if not switches:
        return None
    try:
        learned_from = dataset if run is None else workspace_runs.dataset_of(run)
        return _count(learned_from, switches)
    except NFMError:
        return None


def show(table: LampTable, run: Run | None, live: LiveRun | None) -> None:
    """Draw the prediction for each position of the switches, and the best possible accuracy.

    Args:
        table: What the rows say.
        run: The current run; None draws the rows alone.
        live: Its state.
    """
    predictions = _predictions(run, live)
    right = sum(
        (prediction > 0.5) == on for prediction, on in zip(predictions, table.on, strict=False)
    )
    scored = f"{right} of {len(table.on)} positions are right" if predictions else "not trained yet"
    show_chart(
        truth_table_bars(
            table.names,
            table.shares,
            {"Model": predictions or [None] * len(table.names)},
            correct="Best possible",
        ),
        key="lamp_view",
        height=_HEIGHT,
        alt=f"Truth table of the lamp: {scored}",
        reading="A bar is the model's probability that the lamp is on, in one position of the "
        "switches. The diamond is the share of rows in which it is on.",
    )
    st.markdown(
        f"**{scored[:1].upper()}{scored[1:]}. Best possible accuracy: "
        f"{100 * table.best_accuracy:.1f}%.** In the other rows chance has switched the lamp, so "
        "no model does better on many rows; on a few, luck may add a point."
    )


def _predictions(run: Run | None, live: LiveRun | None) -> tuple[float, ...]:
    """Return the probabilities of the running model, else of the stored one."""
    reported = () if live is None else live.lamp
    if run is None or not run.has_model or (live is not None and live.active):
        return reported
    bundle = current_model.bundle_of(run)
    if bundle is None:
        return reported
    try:
        return lamp_probabilities(bundle) or reported
    except NFMError:
        return reported


@st.cache_data(max_entries=20, show_spinner=False, hash_funcs=workspace.CACHE_KEYS)
def _count(dataset: Dataset, switches: tuple[str, ...]) -> LampTable:
    return lamp_table(workspace.frame(dataset), switches)

"""Start: a prediction at once, and a model of one's own in one click."""

import streamlit as st

from nfm.errors import NFMError
from nfm.store.records import Run
from nfm.ui import present
from nfm.ui.escaping import literal
from nfm.ui.navigation import go_to
from nfm.ui.start import passenger, training
from nfm.ui.start.stored_training import stored_training
from nfm.ui.state import workspace_runs


def show_passenger_and_training(run: Run | None, phase: workspace_runs.Phase) -> None:
    """Draw the passenger with the prediction on the left, and the training on the right."""
    live = None if run is None else workspace_runs.live(run)
    if training.was_started() or phase != workspace_runs.phase_of(live):
        st.rerun()  # The whole page: the timer of this fragment changes.
    model = training.own_model(run)
    left, right = st.columns(2, gap="large")
    with left:
        place = st.container(border=True, key="start_prediction")
        edited = passenger.edit(stored.passenger)
        with place:
            passenger.show_prediction(model or stored.bundle, edited, own=model is not None)
        if run is not None and model is not None:
            st.button(
                "Explore your model",
                icon=":material/arrow_forward:",
                icon_position="right",
                key="start_explore",
                on_click=explore,
                args=(run.id,),
            )
    with right:
        training.show(run, live, stored)


def explore(run_id: str) -> None:
    """Open the visitor's model on Predict."""
    workspace_runs.make_current(workspace_runs.find(run_id))
    go_to("predict")


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Would this passenger survive the Titanic?", anchor=False, width="content")
    present.show_button()
st.markdown(
    "A **neural factorization machine** (NFM) predicts from the columns of a table and from how "
    "each pair of columns acts together. Change the passenger, then train a model of your own."
)
try:
    stored = stored_training()
except NFMError as error:
    st.error(literal(error), icon=":material/error:")
else:
    own = training.own_run()
    phase = workspace_runs.phase_of(None if own is None else workspace_runs.live(own))
    seconds = workspace_runs.refresh_seconds(phase)
    st.fragment(show_passenger_and_training, run_every=seconds)(own, phase)
with st.container(horizontal=True, key="start_links"):
    st.button(
        "Use my own table",
        icon=":material/table:",
        key="start_data",
        on_click=go_to,
        args=("data",),
    )
    st.button(
        "How does it work?",
        icon=":material/school:",
        key="start_learn",
        on_click=go_to,
        args=("learn",),
    )

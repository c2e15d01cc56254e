"""A passenger of the Titanic with three controls, and what a model predicts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nfm.inference.bundle import Bundle
from nfm.tabular.samples import sample_dictionary
from nfm.ui.components.announcement import announce
from nfm.ui.start.stored_training import PASSENGER

_OLDEST = 80


def edit(passenger: pd.DataFrame) -> pd.DataFrame:
    """Draw the three controls and return the edited row."""
    row = passenger.iloc[0]
    classes = sample_dictionary("titanic").columns["Pclass"].levels
    with st.container(horizontal=True, vertical_alignment="bottom", key="start_form"):
        travel_class = st.segmented_control(
            "Class",
            list(classes),
            default=str(row["Pclass"]),
            required=True,
            format_func=lambda one: classes[one].removesuffix(" class"),
            key="start_class",
        )
        sex = st.segmented_control(
            "Sex", ["female", "male"], default=row["Sex"], required=True, key="start_sex"
        )
        age = st.slider("Age in years", 0, _OLDEST, round(float(row["Age"])), key="start_age")
    return passenger.assign(Pclass=int(travel_class), Sex=sex, Age=float(age))


def show_prediction(bundle: Bundle, edited: pd.DataFrame, *, own: bool) -> None:
    """Draw the probability of survival.

    Args:
        bundle: The model.
        edited: The row, a table of one row.
        own: Whether the visitor has trained the model.
    """
    probability = float(bundle.predict_proba(edited)[0, 1])
    text = f"{100 * probability:.0f}%"
    announce(f"Probability of survival: {text}.")
    st.metric(f"Probability of survival of {PASSENGER}", text)
    st.progress(probability)
    st.caption(
        "Predicted by your model."
        if own
        else "Predicted by a stored model that was trained in advance."
    )

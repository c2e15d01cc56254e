"""The steps of the Learn page, one on screen at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from nfm.ui.learn import cost as learn_cost
from nfm.ui.learn import gradient as learn_gradient
from nfm.ui.learn import network as learn_network
from nfm.ui.learn import optimizers as learn_optimizers
from nfm.ui.learn import overfitting as learn_overfitting
from nfm.ui.learn import pairs as learn_pairs
from nfm.ui.learn import pooling as learn_pooling
from nfm.ui.learn import vectors as learn_vectors
from nfm.ui.learn import walk as learn_walk

_KEY = "step"


@dataclass(frozen=True)
class LearnStep:
    """One step: its name in the row of all steps, and what draws it."""

    name: str
    show: Callable[[], None]


STEPS = (
    LearnStep("1 Why pairs", learn_pairs.show),
    LearnStep("2 Vectors", learn_vectors.show),
    LearnStep("3 Pooling", learn_pooling.show),
    LearnStep("4 Cost", learn_cost.show),
    LearnStep("5 Network", learn_network.show),
    LearnStep("6 One row", learn_walk.show),
    LearnStep("7 Gradient", learn_gradient.show),
    LearnStep("8 Optimisers", learn_optimizers.show),
    LearnStep("9 By heart", learn_overfitting.show),
)


def show() -> None:
    """Draw the row of steps, the chosen one, and the way to the next."""
    names = [step.name for step in STEPS]
    chosen = st.pills(
        "Steps",
        names,
        default=names[0],
        required=True,
        key=_KEY,
        bind="query-params",
        label_visibility="collapsed",
    )
    place = names.index(chosen)
    STEPS[place].show()
    with st.container(horizontal=True):
        if place > 0:
            st.button(
                f"Back: {names[place - 1]}",
                icon=":material/arrow_back:",
                key="step_back",
                on_click=_go,
                args=(names[place - 1],),
            )
        if place + 1 < len(names):
            st.button(
                f"Next: {names[place + 1]}",
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
                key="step_next",
                on_click=_go,
                args=(names[place + 1],),
            )


def _go(name: str) -> None:
    st.session_state[_KEY] = name

"""The steps of the Learn page, one on screen at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from nfm.ui.learn import (
    forward_pass,
    gradient_descent,
    overfitting,
    pooling,
    truth_table,
    vectors,
)

_KEY = "step"


@dataclass(frozen=True)
class LearnStep:
    """One step: its name in the list of steps, and the function that draws it."""

    name: str
    show: Callable[[], None]


STEPS = (
    LearnStep("1 Why pairs", truth_table.show),
    LearnStep("2 Vectors", vectors.show),
    LearnStep("3 Pooling", pooling.show),
    LearnStep("4 Cost", pooling.show_cost),
    LearnStep("5 Network", truth_table.show_network),
    LearnStep("6 One row", forward_pass.show),
    LearnStep("7 Gradient", gradient_descent.show_gradient),
    LearnStep("8 Optimisers", gradient_descent.show_optimizers),
    LearnStep("9 Overfitting", overfitting.show),
)


def show() -> None:
    """Draw the list of steps, the chosen step, and the buttons to the previous and next."""
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
    # nfm/server/keyboard.js scrolls to a container of another key: each step begins at its top.
    body = st.container(key=f"learn_step_{place + 1}")
    # Drawn before the step, though below it: the buttons work as soon as the new question is on
    # screen, also while the rest of the step is still being drawn.
    with st.container(horizontal=True, key="step_buttons"):
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
    with body:
        STEPS[place].show()


def show_references() -> None:
    """Draw the list of sources."""
    with st.expander("References", icon=":material/menu_book:"):
        st.markdown(
            "- X. He and T.-S. Chua, *Neural Factorization Machines for Sparse Predictive "
            "Analytics*, SIGIR 2017: NFM, bi-interaction pooling, steps 3 to 9.\n"
            "- S. Rendle, *Factorization Machines*, ICDM 2010: FM and its sums in linear time, "
            "steps 2 and 4.\n"
            "- Y. Gorishniy, I. Rubachev and A. Babenko, *On Embeddings for Numerical Features in "
            "Tabular Deep Learning*, NeurIPS 2022: the vectors of numbers in step 6.\n"
            "- J. Duchi, E. Hazan and Y. Singer, *Adaptive Subgradient Methods*, JMLR 2011, and "
            "D. Kingma and J. Ba, *Adam*, ICLR 2015: step 8.\n"
            "- N. Srivastava et al., *Dropout*, JMLR 2014, and S. Ioffe and C. Szegedy, *Batch "
            "Normalization*, ICML 2015: step 9.\n\n"
            "Equation numbers are those of the article that this app follows."
        )


def _go(name: str) -> None:
    st.session_state[_KEY] = name

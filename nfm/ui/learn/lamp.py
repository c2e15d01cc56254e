"""A lamp to wire as you like, and what each model predicts for it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nfm.figures.truth_table_bars import lamp_bars
from nfm.teaching.numpy_nfm import Architecture
from nfm.teaching.switches import LearnedLamp, learn_lamp, parity, positions

MODEL_NAMES: dict[Architecture, str] = {"linear": "Linear", "fm": "FM", "nfm": "NFM"}
_ARROWS = ("↓", "↑")


def case_names(switches: int) -> list[str]:
    """Name every position of the switches: "↓↑" is the first down, the second up."""
    return ["".join(_ARROWS[up] for up in row) for row in positions(switches)]


def choose(switches: int) -> tuple[bool, ...]:
    """Ask when the lamp is on; it starts with every switch turning it over."""
    names = case_names(switches)
    usual = [name for name, on in zip(names, parity(switches), strict=True) if on]
    chosen = st.pills(
        "The lamp is on when the switches stand",
        names,
        selection_mode="multi",
        default=usual,
        key=f"lamp_{switches}",
        persist_state="session",
        help="↓ is down, ↑ is up. Click to wire the lamp in another way.",
    )
    return tuple(name in chosen for name in names)


def chosen(switches: int) -> tuple[bool, ...]:
    """Return how the lamp was wired last, also where the choice is not on screen."""
    names = case_names(switches)
    kept = st.session_state.get(f"lamp_{switches}")
    return parity(switches) if kept is None else tuple(name in kept for name in names)


def show_models(lamp: tuple[bool, ...], kinds: Sequence[Architecture]) -> None:
    """Train the models on the lamp now, and draw what they predict."""
    learned = {kind: learn(kind, lamp) for kind in kinds}
    count = len(lamp)
    said = {MODEL_NAMES[kind]: result.probabilities.tolist() for kind, result in learned.items()}
    scores = ", ".join(
        f"{MODEL_NAMES[kind]} {result.right} of {count}" for kind, result in learned.items()
    )
    st.echarts_chart(
        lamp_bars(case_names(count.bit_length() - 1), lamp, said),
        key=f"lamp_bars_{count}",
        height=300,
        alt=f"Cases that each model gets right: {scores}",
    )
    st.markdown("Correct after 300 training steps: " + _scores(learned, count) + ".")


def _scores(learned: dict[Architecture, LearnedLamp], count: int) -> str:
    return ", ".join(
        f"**{MODEL_NAMES[kind]} {result.right} of {count}**" for kind, result in learned.items()
    )


@st.cache_data(max_entries=600, show_spinner=False)
def learn(kind: Architecture, lamp: tuple[bool, ...], size: int = 4) -> LearnedLamp:
    """Train a model on the lamp, once for each wiring."""
    return learn_lamp(kind, lamp, size)

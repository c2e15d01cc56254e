"""Learn, step 2: the factorization machine gives every feature a vector."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.figures.number_format import fixed
from nfm.figures.vector_heatmap import factor_map, factor_map_height
from nfm.teaching.card import FigureState
from nfm.ui.components.figure_view import show_chart
from nfm.ui.learn import truth_table
from nfm.ui.learn.highlight import part

_FEATURES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
_SIZES = (2, 4, 8, 16, 32, 64)
_SWITCHES = ("Switch 1 ↓", "Switch 1 ↑", "Switch 2 ↓", "Switch 2 ↑")


def show_counts(element: str) -> FigureState:
    """Draw the numbers of weights that pairs and vectors need."""
    features = st.select_slider(
        "Features n",
        _FEATURES,
        value=1_000,
        format_func=lambda count: f"{count:,}",
        key="learn_features",
        persist_state="session",
    )
    size = st.select_slider(
        "Factors k", _SIZES, value=16, key="learn_size", persist_state="session"
    )
    pairs, vectors = features * (features - 1) // 2, features * size
    with part("pairs", element):
        st.metric("One weight per pair: n (n − 1) / 2", f"{pairs:,}", border=True)
    with part("vectors", element):
        st.metric("One vector per feature: n · k", f"{vectors:,}", border=True)
    return {"features": features, "size": size}


def show_learned_vectors(element: str) -> FigureState:
    """Draw the vectors that an FM learned for the lamp, and the weights of its pairs."""
    table = truth_table.choose(2)
    vectors = truth_table.learn("fm", table).vectors
    assert vectors is not None  # noqa: S101 - an FM has vectors
    with part("map", element):
        show_chart(
            factor_map(_SWITCHES, vectors, "Vectors that the FM learned for your lamp"),
            key="lamp_vectors",
            height=factor_map_height(len(_SWITCHES)) - 26,
            alt="; ".join(
                f"{name}: {', '.join(fixed(float(value), 2) for value in vector)}"
                for name, vector in zip(_SWITCHES, vectors, strict=True)
            )[:300],
            reading="A row is the vector of a feature. Two features whose rows have the same "
            "colours raise the prediction together.",
        )
    weights = np.round(vectors[:2] @ vectors[2:].T, 2)
    with part("weights", element):
        st.table(
            pd.DataFrame(weights, index=list(_SWITCHES[:2]), columns=list(_SWITCHES[2:])).map(
                lambda weight: fixed(weight, 2, plus=True)
            )
        )
    return {"on": table}


def explain() -> None:
    """Draw the longer text of step 2."""
    text, formula = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "The obvious fix is a weight for every pair of features. It has two problems: "
            "there are very many pairs, and most of them hardly ever occur, so their weights "
            "cannot be learned.\n\n"
            "A **factorization machine** (FM) gives every feature $i$ a short vector $v_i$ of $k$ "
            "numbers, its *factors*. The weight of a pair is their inner product.\n\n"
            "A pair that never occurred has a weight too: each of the two learned its vector "
            "in other pairs."
        )
    with formula:
        st.latex(
            r"\begin{aligned} \hat y_{FM}(x) = \;& w_0 + \sum_{i=1}^{n} w_i x_i \\"
            r" &+ \sum_{i=1}^{n}\sum_{j=i+1}^{n} \langle v_i, v_j\rangle\, x_i x_j"
            r"\end{aligned}"
        )
        st.markdown(
            r"$\langle v_i, v_j\rangle = v_{i1}v_{j1} + \dots + v_{ik}v_{jk}$ is large if the "
            "vectors point in similar directions, and negative in opposite ones. This is the "
            "article's equation 1; the double sum visits every pair once."
        )

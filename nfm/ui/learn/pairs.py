"""Learn, step 1: what a sum of effects cannot say."""

from __future__ import annotations

import streamlit as st

from nfm.ui.learn import lamp as learn_lamp


def show() -> None:
    """Draw the step."""
    st.header("One lamp, two switches: why is adding up not enough?", anchor=False)
    text, trial = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "On a staircase two switches control one lamp: each of them turns it over. "
            "One switch alone tells you nothing about the lamp. Both together tell you "
            "everything.\n\n"
            "Logistic regression gives every feature a weight and adds up:"
        )
        st.latex(r"\hat y(x) = w_0 + \sum_{i=1}^{n} w_i x_i")
        st.markdown(
            "$x_i$ is 1 if the row has feature $i$ (say, *switch 1 up*) and 0 if not; $w_i$ is the "
            "weight of the feature, $w_0$ the start. The probability is "
            r"$\sigma(\hat y) = 1/(1+e^{-\hat y})$."
            "\n\n"
            "For the staircase, flipping switch 1 must raise the sum when switch 2 is down, and "
            "lower it when switch 2 is up. But $w_i$ is one number: it cannot do both. The best "
            "that is left is 50 % everywhere."
        )
    with trial:
        st.fragment(_show_trial)()
    st.markdown(
        "**People are like that too.** On the Titanic, second class instead of third raised the "
        "share of women who survived from 50 % to 92 %, and that of men only from 14 % to 16 %. "
        "What a ticket was worth depended on who held it: that is an effect of a **pair**."
    )


def _show_trial() -> None:
    lamp = learn_lamp.choose(2)
    learn_lamp.show_models(lamp, ("linear", "fm"))
    st.caption(
        "There are 16 ways to wire the lamp. The linear model fails at just two of them, the "
        "staircase and its opposite. The FM of the next step learns all 16."
    )

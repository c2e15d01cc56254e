"""Learn, step 5: a network on the pooled pairs makes an FM an NFM."""

from __future__ import annotations

import streamlit as st

from nfm.ui.learn import truth_table


def show() -> None:
    """Draw step 5."""
    st.header("Three switches: what does the network on top add?", anchor=False)
    text, trial = st.columns([5, 6], gap="large")
    with text:
        st.markdown(
            "With a third switch on the staircase, a pair no longer tells you anything: only all "
            "three do. An FM *adds* its pairs, so it fails as the linear model did before.\n\n"
            "An **NFM** puts a small network on the pooled pairs instead of adding them up. "
            "The network can bend and combine them:"
        )
        st.latex(
            r"\hat y_{NFM}(x) = w_0 + \sum_{i=1}^{n} w_i x_i + \mathrm{deep}\big(f_{BI}(V_x)\big)"
        )
        st.markdown("That is the article's equation 2. *deep* is a chain of layers (equation 4):")
        st.latex(
            r"\begin{aligned} z_1 &= \sigma_1\big(W_1 f_{BI}(V_x) + b_1\big) \\"
            r" z_2 &= \sigma_2(W_2 z_1 + b_2) \\ &\;\;\vdots \\"
            r" \mathrm{deep} &= h^{\top} z_L \end{aligned}"
        )
        st.markdown(
            "$W_l$ and $b_l$ are the weights of layer $l$, $z_l$ its output; $\\sigma_l$ is a "
            "nonlinearity, for instance ReLU: $\\max(0, \\cdot)$. $h$ holds the weights of the "
            "last outputs: the **prediction layer**. With two classes, $\\sigma(\\hat y)$ is the "
            "probability; several classes have one $\\hat y$ each, and softmax; a number is "
            "$\\hat y$ itself."
        )
    with trial:
        st.fragment(_show_trial)()
    st.markdown(
        "**So what does the bi-interaction layer add?** The network need not discover that "
        "features must be multiplied: the layer gives it all pairs, as $k$ numbers, and one hidden "
        "layer is often enough. Without hidden layers and with $h = (1, \\dots, 1)$, an NFM *is* "
        "an FM; without vectors, both are the linear model."
    )


def _show_trial() -> None:
    table = truth_table.choose(3)
    truth_table.show_models(table, ("linear", "fm", "nfm"))
    st.caption(
        "Of all 256 wirings, the linear model fails on 152, the FM on two (this one and its "
        "opposite), and the NFM on none. FM and NFM have k = 4; the NFM has one hidden layer of 16 "
        "units."
    )

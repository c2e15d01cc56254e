"""Learn: what a neural factorization machine is, in nine steps to try out."""

import streamlit as st

from nfm.ui.components import share_link
from nfm.ui.learn import steps

share_link.show_title("Learn", "learn")
st.markdown(
    "What does a neural factorization machine (NFM) do, and why? Nine short steps, each with "
    "something to try. Steps 1 to 5 explain the idea, step 6 shows your own model, and steps 7 "
    "to 9 show how a model learns."
)
steps.show()
steps.show_references()

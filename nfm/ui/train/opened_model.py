"""A model from a file on the Train page: what it predicts, from what, with which settings."""

from __future__ import annotations

import streamlit as st

from nfm.inference.bundle import Bundle
from nfm.store.records import Run
from nfm.text import counted
from nfm.ui.components.share_link import describe_settings
from nfm.ui.escaping import literal


def show(run: Run, bundle: Bundle) -> None:
    """Say what the model is; the form beside it is about the next training.

    Args:
        run: The opened model's.
        bundle: The model.
    """
    columns = bundle.encoder.columns
    st.markdown(
        f"**{literal(run.name)}**, opened from a file, predicts "
        f"**{literal(bundle.target.name)}** from {counted(len(columns), 'column')}: "
        f"{', '.join(literal(name) for name in columns)}."
    )
    st.caption(
        f"Its settings: {describe_settings(bundle.settings)}. What you change beside it is for "
        "the next training, on the open table."
    )

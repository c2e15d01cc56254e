"""Fragments that stay behind when a page is not drawn to its end: it failed, or it stops."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def drop_stale_fragments() -> None:
    """Drop the fragments of what the browser showed before this page; those of this page stay.

    Streamlit drops them only when a page has been drawn to its end. A timer's request for one of
    them that is under way would be drawn where this page has no place for it, and the browser
    would show nothing new until the page is loaded again.
    """
    context = get_script_run_ctx()
    # While a fragment alone is drawn, the rest of the page stays as it is.
    if context is not None and not context.fragment_ids_this_run:
        drawn = context.shared.new_fragment_ids.snapshot()
        context.fragment_storage.clear(new_fragment_ids=drawn)


def stop_page() -> NoReturn:
    """End the page here, as `st.stop` does."""
    drop_stale_fragments()
    st.stop()

"""The message of a page that cannot be drawn because the database does not respond."""

from __future__ import annotations

import logging
import time

import streamlit as st

from nfm.errors import StoreError
from nfm.ui.state import services

RETRY_SECONDS = 3.0


def on_script_error(error: Exception) -> bool:
    """Draw the message in place of Streamlit's; for `st.App`.

    Streamlit calls it for each error that a page, a fragment or a callback raises.

    Args:
        error: The error.

    Returns:
        Whether the message was drawn; if not, Streamlit draws its own.
    """
    if not isinstance(error, StoreError):
        return False
    st.error(
        "The database is not responding. Your run continues. This page comes back by itself.",
        icon=":material/database_off:",
    )
    st.fragment(_wait, run_every=RETRY_SECONDS)(time.monotonic())
    return True


def _wait(since: float) -> None:
    """Draw the page again as soon as the database can be read.

    Args:
        since: When the message was drawn, on the monotonic clock.
    """
    # Not at once: if only a part of the database fails, the page would be drawn without a pause.
    if time.monotonic() - since < RETRY_SECONDS / 2:
        return
    try:
        services.store().check()
    except StoreError:
        return
    st.rerun()


class WithoutStoreErrors(logging.Filter):
    """Leaves out of Streamlit's log what `nfm.store` has logged in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is to be logged."""
        return not (record.exc_info and isinstance(record.exc_info[1], StoreError))

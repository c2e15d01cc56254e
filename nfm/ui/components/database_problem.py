"""The message of a page that cannot be drawn because of the database."""

from __future__ import annotations

import logging
import time

import streamlit as st

from nfm.errors import DamagedStoreError, SignedOutError, StoreError, UnusableStoreError
from nfm.ui.escaping import literal
from nfm.ui.state import services
from nfm.ui.state.stale_fragments import drop_stale_fragments

RETRY_SECONDS = 3.0


def on_script_error(error: Exception) -> bool:
    """Draw the message in place of Streamlit's; for `st.App`.

    Streamlit calls it for each error that a page, a fragment or a callback raises.

    Returns:
        Whether the message was drawn; if not, Streamlit draws its own.
    """
    drop_stale_fragments()
    if isinstance(error, (DamagedStoreError, UnusableStoreError)):
        st.error(literal(error), icon=":material/database_off:")
        return True
    if isinstance(error, SignedOutError):
        st.info(literal(error), icon=":material/logout:")
        return True
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
    """Leaves the traces of errors of the database out of Streamlit's log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is to be logged; `nfm.store` has logged a `StoreError`."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (SignedOutError, UnusableStoreError)):
            record.msg, record.args, record.exc_info = str(error), (), None
        return not isinstance(error, StoreError)

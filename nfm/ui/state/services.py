"""What the pages ask: the store, the engine, and whose browser this is."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import streamlit as st

from nfm.jobs.shared import get_engine, get_store

if TYPE_CHECKING:
    from nfm.jobs.engine import Engine
    from nfm.store.store import Store

# The name that nfm.server gives the cookie.
COOKIE = "nfm_workspace"
_FALLBACK = "services.workspace"
_NEXT_VISIT = "services.next_visit"
_VISIT_SECONDS = 3_600.0


def store() -> Store:
    """Return the process's store of data sets and runs."""
    return get_store()


def engine() -> Engine:
    """Return the process's engine."""
    return get_engine()


def workspace() -> str:
    """Return the unguessable token of this browser.

    Where a browser keeps no cookies, each session is a workspace of its own.
    """
    token = st.context.cookies.get(COOKIE)
    if isinstance(token, str) and token:
        return token
    return str(st.session_state.setdefault(_FALLBACK, secrets.token_urlsafe(32)))


def note_visit() -> None:
    """Tell the store, once an hour for each session, that this browser is here."""
    now = time.monotonic()
    if now >= st.session_state.get(_NEXT_VISIT, now):
        st.session_state[_NEXT_VISIT] = now + _VISIT_SECONDS
        store().visit(workspace())

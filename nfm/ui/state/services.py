"""The services that the pages use: store, engine, searches, and the token of this browser."""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress

import streamlit as st

from nfm.environment import environment
from nfm.errors import StoreError
from nfm.jobs.shared import engine as engine
from nfm.jobs.shared import searches as searches
from nfm.jobs.shared import store as store
from nfm.ui.state.account import account_workspace

# Names of the cookie, set by nfm.server: without and with HTTPS.
COOKIE = "nfm_workspace"
SECURE_COOKIE = f"__Host-{COOKIE}"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_FALLBACK = "services.workspace"
_NEXT_VISIT = "services.next_visit"
_VISIT_SECONDS = 3_600.0


def workspace() -> str:
    """Return the token of the workspace: of the account where sign-in is on, else the browser's.

    Raises:
        SignedOutError: If sign-in is on, and nobody is signed in.
    """
    return account_workspace() if environment().sign_in else browser_workspace()


def browser_workspace() -> str:
    """Return the secret token that identifies the workspace of this browser.

    Returns:
        The token in the cookie, or else one per session. Other text in the cookie is no token:
        it could be the name of an account's workspace.
    """
    for name in (SECURE_COOKIE, COOKIE):
        token = st.context.cookies.get(name)
        if isinstance(token, str) and TOKEN.fullmatch(token):
            return token
    return str(st.session_state.setdefault(_FALLBACK, secrets.token_urlsafe(32)))


def note_visit() -> None:
    """Record in the store that this browser is in use: once an hour per session."""
    now = time.monotonic()
    if now >= st.session_state.get(_NEXT_VISIT, now):
        st.session_state[_NEXT_VISIT] = now + _VISIT_SECONDS
        # The page is drawn all the same, if the database can still be read.
        with suppress(StoreError):
            store().visit(workspace())

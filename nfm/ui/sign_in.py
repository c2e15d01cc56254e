"""Where sign-in is on: the page before it, the account's name, and the browser's workspace."""

from __future__ import annotations

import streamlit as st

from nfm.store.repository import workspace_key
from nfm.text import counted
from nfm.ui.components import problems
from nfm.ui.escaping import literal
from nfm.ui.state import account, services

# In the address, after signing in has failed; set by nfm.server.
FAILED = "sign_in_failed"
_LEFT = "sign_in.left"
_OFFER = "sign_in.offer"


def show() -> None:
    """Draw the page for those who are not signed in."""
    st.title("Sign in")
    if FAILED in st.query_params:
        st.error(
            "You are not signed in: the sign-in provider did not respond, or refused. Try again "
            "in a moment. If it fails again, tell the operator of this server.",
            icon=":material/error:",
        )
    problems.show("sign_in")
    st.markdown("Sign in to use this server. Your tables, runs and models belong to your account.")
    st.button("Sign in", type="primary", icon=":material/login:", key="sign_in", on_click=_sign_in)


def _sign_in() -> None:
    with problems.catch("sign_in"):
        account.check_settings()
        st.login()


def show_account() -> None:
    """Draw who is signed in and a button to sign out, and offer the browser's workspace."""
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="account"
    ):
        st.markdown(literal(account.account_name()), width="content")
        st.button(
            "Sign out",
            type="tertiary",
            icon=":material/logout:",
            key="sign_out",
            on_click=st.logout,
        )
    problems.show("take_over")
    if _OFFER not in st.session_state:
        st.session_state[_OFFER] = _items_of_browser()
    if offered := st.session_state[_OFFER]:
        with st.container(border=True, key="take_over"):
            st.markdown(
                f"This browser has {offered} from before you signed in. Move them to your "
                "account? If you leave them, they stay stored, but only the operator of this "
                "server can bring them back."
            )
            with st.container(horizontal=True):
                st.button("Move to my account", key="take_over_yes", on_click=_take_over)
                st.button("Leave them", type="tertiary", key="take_over_no", on_click=_leave)


def _items_of_browser() -> str:
    """Return what the browser's workspace has, empty if it has nothing or was left."""
    store, browser = services.store(), services.browser_workspace()
    if workspace_key(browser) in store.get_preference(services.workspace(), _LEFT, []):
        return ""
    kept = ((store.list_datasets(browser), "table"), (store.list_runs(browser), "run"))
    counts = ((len(each.items) + len(each.unreadable), noun) for each, noun in kept)
    return " and ".join(counted(count, noun) for count, noun in counts if count)


def _take_over() -> None:
    with problems.catch("take_over"):
        services.store().move_workspace(services.browser_workspace(), services.workspace())
        st.session_state.clear()  # forms show the tables and runs that were open in the browser


def _leave() -> None:
    with problems.catch("take_over"):
        store, mine = services.store(), services.workspace()
        left = store.get_preference(mine, _LEFT, [])
        store.set_preference(mine, _LEFT, [*left, workspace_key(services.browser_workspace())])
        st.session_state[_OFFER] = ""

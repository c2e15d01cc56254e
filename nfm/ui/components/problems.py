"""Messages about actions that failed: callbacks keep them, and a section of the page shows them.

What a callback draws would appear above the whole page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from nfm.errors import NFMError, StoreError
from nfm.ui.escaping import literal


@contextmanager
def catch(section: str, prefix: str = "") -> Iterator[None]:
    """Run an action; if it fails, keep the message for `show` and skip the rest.

    Only an `NFMError` and a `StoreError` have a message for people; others are raised.

    Args:
        section: Name of the section of a page that shows the message.
        prefix: Start of the message (Markdown), for instance the name of a file.

    Yields:
        Nothing; the action is the body of the `with` statement.

    Example:
        with problems.catch("split_form"):
            workspace.update_split(dataset, split)
    """
    try:
        yield
    except (NFMError, StoreError) as error:
        st.session_state[_key(section)] = f"{prefix}{literal(error)}"


def show(section: str, *, stays: bool = False) -> None:
    """Draw the message that was kept for a section, if there is one.

    Args:
        section: As in `catch`.
        stays: Whether to draw it again until `forget` is called: for a section that is drawn
            anew without a click.
    """
    problem = st.session_state.get(_key(section))
    if problem:
        st.error(problem, icon=":material/error:")
    if not stays:
        forget(section)


def forget(section: str) -> None:
    """Forget the message of a section, before an action whose message stays.

    Args:
        section: As in `catch`.
    """
    st.session_state.pop(_key(section), None)


def _key(section: str) -> str:
    return f"{section}.problem"

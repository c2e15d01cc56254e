"""Labels of fields that are names from a user's table, on screen and for screen readers."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from nfm.ui.escaping import literal

_ESCAPED = re.compile(r"\\([.)])|\\.|\u2060")


def labelled(name: str) -> dict[str, Any]:
    """Return the label arguments of a field; draw the label above the field if it needs escaping.

    Streamlit shows a label as Markdown, and screen readers read its source as the field's name.
    So a name that has to be escaped is drawn above its field, and the field gets a hidden label:
    the name without the characters that would be escaped.

    Args:
        name: Name of the field, not escaped.

    Returns:
        Keyword arguments of the widget, which has to be drawn next.
    """
    shown = literal(name)
    if shown == name:
        return {"label": name}
    st.markdown(f":small[{shown}]")
    spoken = " ".join(_ESCAPED.sub(lambda found: found[1] or " ", shown).split())
    return {"label": spoken or "Unnamed", "label_visibility": "collapsed"}

"""Names from a user's table in lists, and as labels of fields for the screen and screen readers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from nfm.ui.escaping import literal

_SHOWN = 3
_ESCAPED = re.compile(r"\\([.)])|\\.|\u2060")


def listed_names(names: Sequence[str]) -> str:
    """Return the first names in bold, and how many more there are (Markdown).

    Args:
        names: Names of columns or levels, not escaped.
    """
    shown = ", ".join(f"**{literal(name[:40])}**" for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


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

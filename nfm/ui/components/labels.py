"""Names that people brought, as labels of fields: right for the eye and for screen readers."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from nfm.ui.escaping import literal

_ESCAPED = re.compile(r"\\([.)])|\\.|\u2060")


def labelled(name: str) -> dict[str, Any]:
    """Return the arguments that label a field, and draw the label where the field cannot.

    Streamlit shows a label as Markdown and gives its source to screen readers as the field's
    name. So a name that has to be escaped stands above its field, and the field itself has a
    hidden label: the name without the characters that would be escaped.

    Args:
        name: Of the field; people's text.

    Returns:
        Keyword arguments of the widget, which is drawn next.
    """
    shown = literal(name)
    if shown == name:
        return {"label": name}
    st.markdown(f":small[{shown}]")
    spoken = " ".join(_ESCAPED.sub(lambda found: found[1] or " ", shown).split())
    return {"label": spoken or "Unnamed", "label_visibility": "collapsed"}

"""Names that people brought, as labels of fields: read the same by eye and by screen reader."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nfm.ui.escaping import literal


def labelled(name: str) -> dict[str, Any]:
    """Return the arguments that label a field, and draw the label where the field cannot.

    Streamlit shows a label as Markdown and gives the same text, unread, to screen readers as
    the field's name. So a name that has to be escaped stands above its field, which keeps the
    plain name for screen readers.

    Args:
        name: Of the field; people's text.

    Returns:
        Keyword arguments of the widget, which is drawn next.
    """
    shown = literal(name)
    if shown == name:
        return {"label": name}
    st.markdown(f":small[{shown}]")
    return {"label": name, "label_visibility": "collapsed"}

"""Names of fields: plain for screen readers."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def _field() -> None:
    import streamlit as st

    from nfm.ui.components.labels import labelled

    st.number_input(**labelled(st.session_state["name"]))


def drawn(name: str) -> AppTest:
    app = AppTest.from_function(_field, default_timeout=90)
    app.session_state["name"] = name
    return app.run()


def test_plain_name_is_the_label():
    app = drawn("Age in years")
    assert app.number_input[0].label == "Age in years"
    assert not app.markdown


@pytest.mark.parametrize(
    ("name", "spoken", "above"),
    [
        ("price [EUR]", "price EUR", ":small[price \\[EUR\\]]"),
        ("0.5*width", "0.5 width", ":small[0\\.5\\*width]"),
        ("**", "Unnamed", ":small[\\*\\*]"),
    ],
)
def test_escaped_name_stands_above_and_is_said_without_markup(name, spoken, above):
    app = drawn(name)
    field = app.number_input[0]
    assert field.label == spoken
    assert field.proto.label_visibility.value == field.proto.label_visibility.COLLAPSED
    assert [text.value for text in app.markdown] == [above]

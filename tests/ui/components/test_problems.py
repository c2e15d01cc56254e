"""Messages of actions that failed in a callback."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from nfm.errors import NFMError
    from nfm.ui.components import problems

    def fail(section: str, prefix: str) -> None:
        problems.forget(section)
        with problems.catch(section, prefix):
            raise NFMError("Column *a* is empty.")

    def succeed(section: str) -> None:
        problems.forget(section)
        with problems.catch(section):
            st.session_state.done = section

    st.button("Fail once", on_click=fail, args=("one", "**a.csv**: "))
    problems.show("one")
    st.button("Fail", on_click=fail, args=("two", ""))
    st.button("Succeed", on_click=succeed, args=("two",))
    st.button("Draw again")
    problems.show("two", stays=True)


def press(app: AppTest, label: str) -> list[str]:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return [error.value for error in app.error]


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(_page, default_timeout=90).run()


def test_message_is_drawn_once_with_its_prefix_and_its_own_characters(app: AppTest):
    assert press(app, "Fail once") == [r"**a.csv**: Column \*a\* is empty."]
    assert press(app, "Draw again") == []


def test_message_that_stays_is_drawn_until_the_next_action_begins(app: AppTest):
    assert press(app, "Fail") == press(app, "Draw again") == [r"Column \*a\* is empty."]
    assert press(app, "Succeed") == []
    assert app.session_state["done"] == "two"


def test_defect_is_not_taken_for_a_message():
    from nfm.ui.components import problems

    with pytest.raises(ZeroDivisionError), problems.catch("one"):
        _ = 1 / 0

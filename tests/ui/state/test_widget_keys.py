"""Keys of forms that the program fills."""

from __future__ import annotations

import pytest
import streamlit as st

from nfm.ui.state.widget_keys import form_key, mark_rendered, new_generation, prefill


@pytest.fixture(autouse=True)
def session(monkeypatch):
    state: dict = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def test_key_stays_until_the_form_is_filled_anew():
    first = form_key("form", "age")
    assert form_key("form", "age") == first
    new_generation("form")
    assert form_key("form", "age") != first


def test_old_values_are_forgotten_and_others_kept(session):
    session[form_key("form", "age")] = 22
    session[form_key("other", "age")] = 33
    new_generation("form")
    assert form_key("form", "age") not in session
    assert [value for value in session.values() if value in (22, 33)] == [33]


def test_forms_have_generations_of_their_own():
    before = form_key("other", "age")
    new_generation("form")
    assert form_key("other", "age") == before


def test_a_value_is_put_again_until_a_run_has_drawn_the_whole_form(session):
    key = form_key("form", "age")
    prefill("form", key, 22)
    assert session[key] == 22
    session[key] = 30  # a person's edit, sent while the first run was under way
    prefill("form", key, 22)
    assert session.pop(key) == 30
    mark_rendered("form")
    prefill("form", key, 22)
    assert key not in session, "The widget has it: setting it again would undo what is typed."
    new_generation("form")
    prefill("form", form_key("form", "age"), 40)
    assert session[form_key("form", "age")] == 40

"""The form of settings, and a browser that is behind with its news."""

from __future__ import annotations

import pytest
import streamlit as st

from nfm.settings import PRESETS, Settings
from nfm.ui.state import settings_fields
from nfm.ui.train import settings_form


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict:
    """A session with the form in it."""
    state: dict = {}
    monkeypatch.setattr(st, "session_state", state)
    settings_fields.prepare_form(Settings(epochs=10_000))
    return state


def test_the_box_of_presets_that_is_sent_again_changes_nothing(session):
    session["box"] = "recommended"
    settings_form._take_preset("box", shown="recommended")
    assert settings_fields.read_form() == Settings(epochs=10_000)


def test_another_preset_fills_the_form(session):
    session["box"] = "article"
    settings_form._take_preset("box", shown="recommended")
    assert settings_fields.read_form().epochs == PRESETS["article"]["epochs"]

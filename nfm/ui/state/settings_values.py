"""The settings that the form on Train holds, whether or not it is on the screen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nfm.settings import Settings, make_settings
from nfm.ui.state.settings_fields import SettingField, from_widget, setting_fields, to_widget
from nfm.ui.state.widget_keys import form_key, new_generation

FORM = "settings"
_GIVEN = "settings.given"


def prepare(initial: Settings) -> None:
    """Fill the form on the first visit of a session."""
    st.session_state.setdefault(_GIVEN, _to_widgets(initial))


def read() -> Settings:
    """Return the settings that the form shows.

    Raises:
        SettingsError: Naming the first setting that is out of its range.
    """
    return make_settings(
        {
            field.name: from_widget(field, value)
            for field, value in zip(setting_fields(), widget_values().values(), strict=True)
        }
    )


def fill(settings: Settings) -> None:
    """Put other settings into the form; call it from a callback or before `show`."""
    new_generation(FORM)
    st.session_state[_GIVEN] = _to_widgets(settings)


def given() -> dict[str, Any]:
    """Return what each control was given, by the name of its setting."""
    return st.session_state[_GIVEN]


def widget_values() -> dict[str, Any]:
    """Return what the controls hold: what they were given, or what a person made of it."""
    return {
        field.name: st.session_state.get(widget_key(field), given()[field.name])
        for field in setting_fields()
    }


def widget_key(field: SettingField) -> str:
    """Return the key of a setting's control."""
    return form_key(FORM, field.name)


def _to_widgets(settings: Settings) -> dict[str, Any]:
    return {
        field.name: to_widget(field, getattr(settings, field.name)) for field in setting_fields()
    }

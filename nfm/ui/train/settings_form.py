"""The form of all settings, made from their declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from nfm.errors import SettingsError
from nfm.settings import PRESETS, Settings, make_settings
from nfm.ui.generations import form_key, renew
from nfm.ui.train.settings_fields import (
    GROUPS,
    SettingField,
    choice_name,
    from_widget,
    has_effect,
    preset_of,
    preset_values,
    setting_fields,
    to_widget,
)
from nfm.ui.words import PRESET_NAMES

_FORM = "settings"


def prepare(initial: Settings) -> None:
    """Fill the form on the first visit of a session."""
    for field in setting_fields():
        st.session_state.setdefault(_key(field), to_widget(field, getattr(initial, field.name)))


def read() -> Settings:
    """Return the settings that the form shows.

    Raises:
        SettingsError: Naming the first setting that is out of its range.
    """
    return make_settings(
        {
            field.name: from_widget(field, st.session_state[_key(field)])
            for field in setting_fields()
        }
    )


def fill(settings: Settings) -> None:
    """Put other settings into the form; call it from a callback or before `show`."""
    renew(_FORM)
    for field in setting_fields():
        st.session_state[_key(field)] = to_widget(field, getattr(settings, field.name))


def show() -> Settings | None:
    """Draw the form.

    Returns:
        The settings; None if one is out of its range, which is said above the form.
    """
    settings, problem = _try_read()
    preset = "custom" if settings is None else preset_of(settings)
    key = f"settings.preset.{preset}"
    st.session_state.setdefault(key, preset)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Preset",
            [*PRESETS, "custom"] if preset == "custom" else list(PRESETS),
            format_func=lambda name: PRESET_NAMES.get(name, name),
            key=key,
            on_change=_take_preset,
            args=(key, preset),
            help="Recommended: what works on most tables. Article: the Titanic example of the "
            "article, which has no test rows (set them to 0 on the Data page for its 35,782 "
            "parameters). Paper: as in the NFM paper of He and Chua.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            help="Back to the recommended settings.",
            key="settings.reset",
            on_click=fill,
            args=(Settings(),),
            disabled=preset == "recommended",
        )
    if problem:
        st.error(problem, icon=":material/error:")
    simple = [field for field in setting_fields() if not field.advanced]
    _show_fields(simple)
    with st.expander("Advanced settings", icon=":material/tune:"):
        advanced = [field for field in setting_fields() if field.advanced]
        for group in GROUPS:
            members = [field for field in advanced if field.group == group]
            if members:
                st.caption(group)
                _show_fields(members)
    return settings


def _try_read() -> tuple[Settings | None, str]:
    try:
        return read(), ""
    except SettingsError as error:
        from nfm.ui.escaping import literal

        return None, literal(error)


def _take_preset(key: str, shown: str) -> None:
    name = st.session_state[key]
    # A browser that has not yet heard of an edit still sends the box that it shows. Its server
    # has forgotten that box and takes the old value for a new choice.
    if name != shown and name in PRESETS:
        fill(preset_values(name))


def _show_fields(fields: Sequence[SettingField]) -> None:
    values = {field.name: st.session_state[_key(field)] for field in setting_fields()}
    with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
        for field in fields:
            _show_field(field, disabled=not has_effect(field.name, values))


def _show_field(field: SettingField, *, disabled: bool) -> None:
    common: dict[str, Any] = {
        "key": _key(field),
        "help": field.help,
        "disabled": disabled,
        "persist_state": "session",
    }
    match field.widget:
        case "choice":
            st.selectbox(field.title, field.options, format_func=choice_name, **common)
        case "switch":
            st.toggle(field.title, **common)
        case "sizes":
            st.text_input(field.title, placeholder="none", **common)
        case "integer":
            if field.optional:
                common |= {"value": None, "placeholder": "automatic"}
            st.number_input(
                field.title,
                min_value=_whole(field.minimum),
                max_value=_whole(field.maximum),
                step=1,
                **common,
            )
        case "number":
            st.number_input(
                field.title,
                min_value=field.minimum if field.minimum is None else float(field.minimum),
                max_value=field.maximum if field.maximum is None else float(field.maximum),
                step=field.step,
                format="%g",
                **common,
            )


def _whole(limit: float | None) -> int | None:
    return None if limit is None else int(limit)


def _key(field: SettingField) -> str:
    return form_key(_FORM, field.name)

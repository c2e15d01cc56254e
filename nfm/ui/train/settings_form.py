"""The form of all settings, built from their declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from nfm.errors import SettingsError
from nfm.settings import PRESETS, Settings, Task, has_effect
from nfm.ui.escaping import literal
from nfm.ui.state import settings_fields
from nfm.ui.state.settings_fields import (
    FORM,
    GROUPS,
    SettingField,
    choice_name,
    preset_of,
    preset_values,
    setting_fields,
    widget_key,
    widget_values,
)
from nfm.ui.state.widget_keys import is_gone, mark_rendered, prefill
from nfm.ui.texts import PRESET_NAMES


def read() -> Settings | None:
    """Return the settings in the form, drawn or not; None if one is out of its range."""
    return _try_read()[0]


def show(task: Task | None) -> None:
    """Draw the form, with a message that says which setting is out of its range.

    Args:
        task: Task of the open table, which decides which settings have an effect.
    """
    settings, problem = _try_read()
    preset = "custom" if settings is None else preset_of(settings)
    key = f"settings.preset.{preset}"
    offered = [*PRESETS, "custom"] if preset == "custom" else list(PRESETS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Preset",
            offered,
            index=offered.index(preset),
            format_func=lambda name: PRESET_NAMES.get(name, name),
            key=key,
            on_change=_take_preset,
            args=(key, preset),
            help="Recommended: works well on most tables. Ensemble: the average of four such "
            "networks, with 3 to 4% less error; a training takes three to four times as long. "
            "Article: the Titanic example of the "
            "article. It has no test rows: set them to 0 on the Data page to get its 35,782 "
            "parameters. Paper: as in the NFM paper by He and Chua.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            help="Restore the recommended settings.",
            key="settings.reset",
            on_click=settings_fields.fill_form,
            args=(Settings(),),
            disabled=preset == "recommended",
        )
    if problem:
        st.error(problem, icon=":material/error:")
    simple = [field for field in setting_fields() if not field.advanced]
    _show_fields(simple, task)
    with st.expander("Advanced settings", icon=":material/tune:"):
        advanced = [field for field in setting_fields() if field.advanced]
        for group in GROUPS:
            members = [field for field in advanced if field.group == group]
            if members:
                st.caption(group)
                _show_fields(members, task)
    mark_rendered(FORM)


def _try_read() -> tuple[Settings | None, str]:
    try:
        return settings_fields.read_form(), ""
    except SettingsError as error:
        return None, literal(error)


def _take_preset(key: str, shown: str) -> None:
    if is_gone(key):
        return
    name = st.session_state[key]
    # A browser that does not know of an edit yet sends the value of the old box. Streamlit has
    # no record of that box any more, so the old value looks like a new choice.
    if name != shown and name in PRESETS:
        settings_fields.fill_form(preset_values(name))


def _show_fields(fields: Sequence[SettingField], task: Task | None) -> None:
    values = widget_values()
    with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
        for field in fields:
            _show_field(field, disabled=not has_effect(field.name, values, task))


def _show_field(field: SettingField, *, disabled: bool) -> None:
    given = settings_fields.given()[field.name]
    common: dict[str, Any] = {
        "key": widget_key(field),
        "help": field.help,
        "disabled": disabled,
        "persist_state": "session",
    }
    match field.widget:
        case "choice":
            index = field.options.index(given)
            st.selectbox(field.title, field.options, index, choice_name, **common)
        case "switch":
            st.toggle(field.title, given, **common)
        case "sizes":
            st.text_input(field.title, given, placeholder="none", **common)
        case "integer":
            if field.optional:
                prefill(FORM, widget_key(field), given)
                common["placeholder"] = "automatic"
            st.number_input(
                field.title,
                min_value=_whole(field.minimum),
                max_value=_whole(field.maximum),
                value=None if field.optional else given,
                step=1,
                **common,
            )
        case "number":
            st.number_input(
                field.title,
                min_value=field.minimum if field.minimum is None else float(field.minimum),
                max_value=field.maximum if field.maximum is None else float(field.maximum),
                value=given,
                step=field.step,
                format="%g",
                **common,
            )


def _whole(limit: float | None) -> int | None:
    return None if limit is None else int(limit)

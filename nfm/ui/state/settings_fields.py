"""The form of settings on Train: a widget for each declared setting, and what the widgets hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import streamlit as st

from nfm.errors import SettingsError
from nfm.settings import PRESETS, Group, Settings, make_settings, setting_info
from nfm.ui.state.widget_keys import form_key, new_generation

Widget = Literal["choice", "switch", "integer", "number", "sizes"]

FORM = "settings"
_GIVEN = "settings.given"
GROUPS: tuple[Group, ...] = get_args(Group)
# It is set on the Data page, beside the share of the test rows.
ELSEWHERE = frozenset({"validation_fraction"})
NO_CHOICE = ""
_CHOICE_NAMES = {
    "fm": "FM",
    "nfm": "NFM",
    "relu": "ReLU",
    "gelu": "GELU",
    "sgd": "SGD",
    "squared_error": "Squared error",
    NO_CHOICE: "None",
}


@dataclass(frozen=True)
class SettingField:
    """The form field of one setting.

    Attributes:
        name: Name of the setting.
        title: Label of the field.
        help: Help text of the field.
        group: Group of the form that the field is in.
        advanced: Whether it is among the advanced settings, which are closed at first.
        widget: Kind of widget.
        options: Values of a choice; empty for other widgets.
        minimum: Smallest allowed number; None without a limit.
        maximum: Largest allowed number; None without a limit.
        step: How much the plus and minus buttons add; None without these buttons.
        optional: Whether a number may be left empty.
    """

    name: str
    title: str
    help: str
    group: Group
    advanced: bool
    widget: Widget
    options: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    optional: bool = False


@cache
def setting_fields() -> tuple[SettingField, ...]:
    """Return the fields of the form, in the order in which their settings are declared."""
    return tuple(_describe(name) for name in Settings.model_fields if name not in ELSEWHERE)


def choice_name(value: Any) -> str:
    """Return the label of one value of a choice.

    Args:
        value: The value, such as "fm".
    """
    return _CHOICE_NAMES.get(value) or str(value).capitalize()


def to_widget(field: SettingField, value: Any) -> Any:
    """Convert the value of a setting to that of its widget.

    Returns:
        The value of the widget: text for a list of sizes, "" for a choice of None.
    """
    if field.widget == "sizes":
        return ", ".join(str(size) for size in value)
    if field.widget == "number":
        return float(value)
    # A select box takes None for "nothing chosen".
    return NO_CHOICE if field.widget == "choice" and value is None else value


def from_widget(field: SettingField, value: Any) -> Any:
    """Convert the value of a widget to that of its setting.

    Returns:
        The value, not yet validated.

    Raises:
        SettingsError: If the text of a list of sizes isn't whole numbers.
    """
    if field.widget != "sizes":
        return None if value == NO_CHOICE else value
    words = [word for word in re.split(r"[\s,;x×]+", str(value or "").strip("[]() ")) if word]
    if not all(word.isdecimal() and len(word) < 10 for word in words):
        raise SettingsError(
            f"{field.title} is {str(value)[:80]!r}: write whole numbers with commas between them, "
            "such as 128, 64; leave it empty for no hidden layer."
        )
    return tuple(int(word) for word in words)


def preset_values(preset: str) -> Settings:
    """Return the settings of a preset; those outside the form have their defaults.

    Args:
        preset: Key of `PRESETS`.
    """
    values = PRESETS[preset].items()
    return make_settings({name: value for name, value in values if name not in ELSEWHERE})


def preset_of(settings: Settings) -> str:
    """Return the preset that these settings equal, or "custom".

    Args:
        settings: The settings; those outside the form don't count.
    """
    for name in PRESETS:
        wanted = preset_values(name)
        if all(
            getattr(wanted, field.name) == getattr(settings, field.name)
            for field in setting_fields()
        ):
            return name
    return "custom"


def prepare_form(initial: Settings) -> None:
    """Fill the form, unless this session has done it already."""
    st.session_state.setdefault(_GIVEN, _initial_values(initial))


def read_form() -> Settings:
    """Return the settings in the form.

    Raises:
        SettingsError: If a setting is out of its range; the message names the first one.
    """
    return make_settings(
        {
            field.name: from_widget(field, value)
            for field, value in zip(setting_fields(), widget_values().values(), strict=True)
        }
    )


def fill_form(settings: Settings) -> None:
    """Put other settings into the form; call it in a callback or before the form is drawn."""
    new_generation(FORM)
    st.session_state[_GIVEN] = _initial_values(settings)


def given() -> dict[str, Any]:
    """Return the value that the program put into each widget, by the name of its setting."""
    return st.session_state[_GIVEN]


def widget_values() -> dict[str, Any]:
    """Return the present value of each widget, by the name of its setting."""
    return {
        field.name: st.session_state.get(widget_key(field), given()[field.name])
        for field in setting_fields()
    }


def widget_key(field: SettingField) -> str:
    """Return the key of a setting's widget."""
    return form_key(FORM, field.name)


def _initial_values(settings: Settings) -> dict[str, Any]:
    return {
        field.name: to_widget(field, getattr(settings, field.name)) for field in setting_fields()
    }


def _describe(name: str) -> SettingField:
    info = setting_info(name)
    extra: Any = info.json_schema_extra
    widget, options, optional = _widget(info.annotation)
    limits: dict[str, float] = {}
    for limit in info.metadata:
        for key in ("ge", "gt", "le", "lt"):
            if hasattr(limit, key):
                limits[key] = getattr(limit, key)
    return SettingField(
        name=name,
        title=info.title or name,
        help=info.description or "",
        group=extra["group"],
        advanced=extra["advanced"],
        widget=widget,
        options=options,
        # Widgets know closed limits only; an open limit is checked by the validation.
        minimum=limits.get("ge", limits.get("gt")),
        maximum=limits.get("le", limits.get("lt")),
        step=_step(widget, info.default, limits.get("le")),
        optional=optional,
    )


def _widget(annotation: Any) -> tuple[Widget, tuple[Any, ...], bool]:
    """Return the widget for a type, the values of a choice, and whether it may be empty."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _widget(get_args(annotation)[0])
    if origin in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        widget, options, _ = _widget(kinds[0])
        return (widget, (NO_CHOICE, *options), False) if options else (widget, (), True)
    if origin is Literal:
        return "choice", get_args(annotation), False
    if origin is tuple:
        return "sizes", (), False
    if annotation is bool:
        return "switch", (), False
    return ("integer", (), False) if annotation is int else ("number", (), False)


def _step(widget: Widget, default: Any, maximum: float | None) -> float | None:
    """Return the step of a number: 1, 0.05 for a share, or the default's order of magnitude."""
    if widget == "integer":
        return 1
    if widget != "number":
        return None
    if maximum is not None and maximum <= 1 and (default == 0 or default >= 0.1):
        return 0.05
    return float(f"{default:.0e}") if default else 1e-5

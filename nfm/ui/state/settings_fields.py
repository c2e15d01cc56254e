"""The form of settings on Train: a widget for each declared setting, and what the widgets hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
# The Data page asks for it, beside the share of the test rows.
ELSEWHERE = frozenset({"validation_fraction"})
NO_CHOICE = ""
_CHOICE_NAMES = {
    "fm": "FM",
    "nfm": "NFM",
    "relu": "ReLU",
    "gelu": "GELU",
    "sgd": "SGD",
    NO_CHOICE: "None",
}


@dataclass(frozen=True)
class SettingField:
    """One setting as a form shows it.

    Attributes:
        name: Of the setting.
        title: Its label.
        help: One line.
        group: Where it stands in the form.
        advanced: Whether it is folded away at first.
        widget: Kind of control.
        options: The values of a choice.
        minimum: Smallest allowed number.
        maximum: Largest allowed number.
        step: Of the number's plus and minus buttons.
        optional: Whether the number may be left empty.
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
    """Return every setting that the form asks for, in the order of their declaration."""
    return tuple(_describe(name) for name in Settings.model_fields if name not in ELSEWHERE)


def has_effect(name: str, values: Mapping[str, Any]) -> bool:
    """Say whether a setting changes anything, given the others.

    Args:
        name: Of the setting.
        values: All settings, as the form has them.
    """
    pooled = values["interaction"] != "linear"
    hidden = values["interaction"] == "nfm"
    match name:
        case "hidden_units":
            return hidden
        case "activation" | "l2_hidden" | "hidden_batch_norm" | "dropout":
            return hidden and bool(values["hidden_units"])
        case "bi_batch_norm" | "bi_dropout":
            return pooled
        case "embedding_dim" | "init_std" | "l2_embedding":
            return pooled or values["linear_term"] == "shared"
        case "l2_linear":
            return values["linear_term"] == "own" or values["numeric"] == "concat"
        case "numeric_bins":
            return values["numeric"] == "piecewise"
        case "numeric_scaling":
            return values["numeric"] != "piecewise"
        case "patience":
            return bool(values["early_stopping"])
        case _:
            return True


def choice_name(value: Any) -> str:
    """Return what a select box shows for one value of a choice."""
    return _CHOICE_NAMES.get(value) or str(value).capitalize()


def to_widget(field: SettingField, value: Any) -> Any:
    """Turn a setting's value into what its control holds."""
    if field.widget == "sizes":
        return ", ".join(str(size) for size in value)
    if field.widget == "number":
        return float(value)
    # A select box takes None for "nothing chosen".
    return NO_CHOICE if field.widget == "choice" and value is None else value


def from_widget(field: SettingField, value: Any) -> Any:
    """Turn what a control holds into a setting's value.

    Raises:
        SettingsError: If the text of a list of sizes is not whole numbers.
    """
    if field.widget != "sizes":
        return None if value == NO_CHOICE else value
    words = [word for word in re.split(r"[\s,;x×]+", str(value or "").strip("[]() ")) if word]
    if not all(word.isdecimal() for word in words):
        raise SettingsError(
            f"{field.title} is {str(value)[:80]!r}: write whole numbers with commas between them, "
            "such as 128, 64; leave it empty for no hidden layer."
        )
    return tuple(int(word) for word in words)


def preset_values(preset: str) -> Settings:
    """Return the settings of a preset, as far as the form asks for them."""
    values = PRESETS[preset].items()
    return make_settings({name: value for name, value in values if name not in ELSEWHERE})


def preset_of(settings: Settings) -> str:
    """Return the preset that these settings are, or "custom"."""
    for name in PRESETS:
        wanted = preset_values(name)
        if all(
            getattr(wanted, field.name) == getattr(settings, field.name)
            for field in setting_fields()
        ):
            return name
    return "custom"


def prepare_form(initial: Settings) -> None:
    """Fill the form, unless this session has done it already.

    Args:
        initial: The settings to fill it with.
    """
    st.session_state.setdefault(_GIVEN, _initial_values(initial))


def read_form() -> Settings:
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


def fill_form(settings: Settings) -> None:
    """Put other settings into the form; call it from a callback or before the form is drawn."""
    new_generation(FORM)
    st.session_state[_GIVEN] = _initial_values(settings)


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
        # An open limit is left to the validation: a control knows closed ones only.
        minimum=limits.get("ge", limits.get("gt")),
        maximum=limits.get("le", limits.get("lt")),
        step=_step(widget, info.default, limits.get("le")),
        optional=optional,
    )


def _widget(annotation: Any) -> tuple[Widget, tuple[Any, ...], bool]:
    """Return the control for a type, the values of a choice, and whether it may be empty."""
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
    """Choose a step that suits the number: units, twentieths of a share, or the default's size."""
    if widget == "integer":
        return 1
    if widget != "number":
        return None
    if maximum is not None and maximum <= 1 and (default == 0 or default >= 0.1):
        return 0.05
    return float(f"{default:.0e}") if default else 1e-5

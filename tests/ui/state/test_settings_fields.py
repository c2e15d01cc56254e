"""The form of settings, made from their declarations."""

from __future__ import annotations

import pytest

from nfm.errors import SettingsError
from nfm.settings import PRESETS, Settings, has_effect
from nfm.ui.state.settings_fields import (
    ELSEWHERE,
    from_widget,
    preset_of,
    preset_values,
    setting_fields,
    to_widget,
)

FIELDS = {field.name: field for field in setting_fields()}


def form(**changes):
    values = {
        field.name: to_widget(field, getattr(Settings(), field.name)) for field in FIELDS.values()
    }
    return {**values, **changes}


def test_every_setting_is_asked_for_once():
    assert set(FIELDS) | ELSEWHERE == set(Settings.model_fields)


def test_every_field_has_title_and_help():
    for field in FIELDS.values():
        assert field.title != field.name
        assert field.help.endswith(".")


@pytest.mark.parametrize(
    ("name", "widget"),
    [
        ("interaction", "choice"),
        ("early_stopping", "switch"),
        ("epochs", "integer"),
        ("learning_rate", "number"),
        ("hidden_units", "sizes"),
        ("class_weight", "choice"),
        ("batch_size", "integer"),
    ],
)
def test_type_decides_the_control(name, widget):
    assert FIELDS[name].widget == widget


def test_limits_come_from_the_declaration():
    assert (FIELDS["dropout"].minimum, FIELDS["dropout"].maximum) == (0, 0.95)
    assert (FIELDS["embedding_dim"].minimum, FIELDS["embedding_dim"].maximum) == (1, 512)
    assert FIELDS["batch_size"].optional
    assert not FIELDS["epochs"].optional
    assert FIELDS["class_weight"].options == ("", "balanced")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_passes_through_the_form_unchanged(preset):
    settings = preset_values(preset)
    values = {
        name: from_widget(field, to_widget(field, getattr(settings, name)))
        for name, field in FIELDS.items()
    }
    assert Settings(**values) == settings
    assert preset_of(settings) == preset


def test_changed_settings_are_custom():
    assert preset_of(Settings(embedding_dim=5)) == "custom"


@pytest.mark.parametrize(
    ("text", "sizes"),
    [("128, 64", (128, 64)), ("128 64", (128, 64)), ("(32)", (32,)), ("", ()), (None, ())],
)
def test_sizes_are_read_the_way_people_write_them(text, sizes):
    assert from_widget(FIELDS["hidden_units"], text) == sizes


@pytest.mark.parametrize("text", ["many", "12.5", "-3", "1e3", "²"])
def test_other_sizes_are_refused_in_a_sentence(text):
    with pytest.raises(SettingsError, match="whole numbers"):
        from_widget(FIELDS["hidden_units"], text)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("hidden_units", {"interaction": "fm"}),
        ("constant_field", {"interaction": "fm"}),
        ("dropout", {"hidden_units": ""}),
        ("bi_dropout", {"interaction": "linear"}),
        ("embedding_dim", {"interaction": "linear"}),
        ("numeric_bins", {"numeric": "concat"}),
        ("numeric_scaling", {"numeric": "piecewise"}),
        ("patience", {"early_stopping": False}),
        ("l2_linear", {"linear_term": "shared"}),
    ],
)
def test_setting_without_effect_is_known(name, changes):
    assert not has_effect(name, form(**changes))


def test_task_decides_on_settings_of_classes_and_of_numbers():
    values = form()
    assert has_effect("class_weight", values, "binary")
    assert not has_effect("class_weight", values, "regression")
    assert has_effect("regression_loss", values, "regression")
    assert not has_effect("regression_loss", values, "multiclass")
    assert has_effect("regression_loss", values)


def test_shared_linear_term_needs_embeddings_without_interaction_too():
    assert has_effect("embedding_dim", form(interaction="linear", linear_term="shared"))

"""Fields that a version did not know have the value by which it worked; nothing else is guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nfm.compatibility import BUNDLE_VERSION, DATABASE_VERSION, FORMER_VALUES, read_stored
from nfm.epoch import Epoch, Metrics
from nfm.errors import CompatibilityError
from nfm.files.options import ReadingOptions
from nfm.settings import Settings
from nfm.tabular.splitting import SplitOptions
from tests.golden.record_fields import IN_BUNDLES, IN_THE_STORE, fields_within

# What the version of the golden files wrote (tests/golden/record_fields.py).
RECORDED = json.loads((Path(__file__).parent / "golden" / "fields.json").read_text())


def new_fields(*models: type) -> list[str]:
    """Fields that the recorded version did not write."""
    return [
        f"{model}.{field}"
        for model, fields in fields_within(*models).items()
        for field in fields
        if field not in RECORDED["fields"].get(model, [])
    ]


def test_a_new_field_has_a_value_for_files_that_lack_it():
    """Failed? Say in `FORMER_VALUES` how the versions without the field worked."""
    for name in new_fields(*IN_BUNDLES, *IN_THE_STORE):
        model, _, field = name.partition(".")
        if model in RECORDED["fields"]:  # a model that is new as a whole is absent as a whole
            assert field in FORMER_VALUES.get(model, {}), name


def test_no_field_has_vanished():
    """Failed? Files that have the field would be refused: keep it, or teach `read_stored`."""
    present = fields_within(*IN_BUNDLES, *IN_THE_STORE)
    for model, fields in RECORDED["fields"].items():
        assert set(fields) <= set(present.get(model, [])), model


def test_new_fields_of_a_bundle_raise_its_version():
    """Failed? Raise BUNDLE_VERSION in nfm/compatibility.py: older programs then say why not."""
    assert RECORDED["bundle"] < BUNDLE_VERSION or not new_fields(*IN_BUNDLES)


def test_new_fields_of_the_store_raise_its_version():
    """Failed? Raise DATABASE_VERSION in nfm/compatibility.py: older programs then say why not."""
    assert RECORDED["store"] < DATABASE_VERSION or not new_fields(*IN_THE_STORE)


def test_every_former_value_is_one_that_the_field_may_have():
    present = fields_within(*IN_BUNDLES, *IN_THE_STORE)
    for model, former in FORMER_VALUES.items():
        assert set(former) <= set(present[model])
    Settings.model_validate(FORMER_VALUES["Settings"])
    ReadingOptions.model_validate(FORMER_VALUES["ReadingOptions"])


def test_a_setting_that_was_not_known_has_the_value_of_then_and_not_the_default():
    state = Settings().model_dump(mode="json")
    assert state.pop("constant_field") is True
    assert state.pop("weight_averaging") is True
    assert state.pop("rare_level_dropout") > 0
    assert state.pop("regression_loss") == "squared_error"
    read = read_stored(Settings, json.dumps(state))
    assert (read.constant_field, read.weight_averaging) == (False, False)
    assert read.rare_level_dropout == 0
    assert read.regression_loss == "squared_error"
    assert read.model_dump(exclude=set(FORMER_VALUES["Settings"])) == Settings().model_dump(
        exclude=set(FORMER_VALUES["Settings"])
    )


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_a_setting_is_never_filled_with_todays_default(name: str):
    state = Settings().model_dump(mode="json")
    del state[name]
    if name in FORMER_VALUES["Settings"]:
        assert getattr(read_stored(Settings, state), name) == FORMER_VALUES["Settings"][name]
    else:
        with pytest.raises(CompatibilityError, match=f"at {name}: it is missing"):
            read_stored(Settings, state)


def test_what_is_written_is_read_as_it_was():
    for model in (Settings(epochs=7, hidden_units=()), SplitOptions(), ReadingOptions(sheet="A")):
        assert read_stored(type(model), model.model_dump_json()) == model


def test_a_field_that_is_absent_deep_inside_is_named_with_its_place():
    epoch = Epoch(1, Metrics(0.5), Metrics(0.4, 0.8), 1e-3, 0.1, 10.0, True).to_dict()
    assert read_stored(tuple[Epoch, ...], json.dumps([epoch]))[0].validation == Metrics(0.4, 0.8)
    del epoch["validation"]["loss"]
    with pytest.raises(CompatibilityError, match=r"0\.validation\.loss: it is missing"):
        read_stored(tuple[Epoch, ...], json.dumps([epoch]))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("null", "dictionary"),
        ("[]", "dictionary"),
        (Settings().model_dump() | {"epochs": 0}, "at epochs: input should be"),
        (Settings().model_dump() | {"attention": 8}, "attention: this version of NFM Lab (0.1.0)"),
        (Settings().model_dump() | {"x" * 5_000: 8}, "a newer version may have written it"),
    ],
    ids=["half", "deep", "null", "list", "range", "unknown", "long"],
)
def test_what_cannot_be_read_says_why_in_few_words(content: Any, sentence: str):
    with pytest.raises(CompatibilityError) as refused:
        read_stored(Settings, content)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 400


def test_a_field_of_one_model_or_another_is_no_field_that_can_be_completed():
    with pytest.raises(TypeError, match="more than one model"):
        read_stored(tuple[Settings | Metrics, ...], "[]")

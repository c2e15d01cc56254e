"""The list of rows that were tried and kept."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from nfm.ui.predict.scenarios import MOST, Scenario, add, download, overview
from nfm.ui.state.form_fields import FormField

FIELDS = (
    FormField(
        "Sex", "levels", ("(other)", "female", "male"), (1, 2, 0), words=("?", "woman", "man")
    ),
    FormField("Age", "number", label="Age in years"),
    FormField("decision", "text"),
)
ROW = {"Sex": 2, "Age": 22.0, "decision": ""}


def scenario(prediction: float = 0.75, **edits: object) -> Scenario:
    return Scenario("Braund", ROW, {**ROW, **edits}, prediction, 0.25, "survived")


def test_the_newest_stands_first_and_each_one_once():
    first, second = scenario(Age=30.0), scenario(Sex=1)
    assert add([first], second) == [second, first]
    assert add([first, second], second) == [second, first]


def test_the_oldest_is_forgotten_in_the_end():
    kept: list[Scenario] = []
    for age in range(MOST + 2):
        kept = add(kept, scenario(Age=float(age)))
    assert len(kept) == MOST
    assert kept[0].edited["Age"] == MOST + 1
    assert kept[-1].edited["Age"] == 2


def test_overview_names_changes_and_their_effect():
    table = overview([scenario(Sex=1, Age=None), scenario(0.25)], FIELDS, 100.0)
    assert table["Changes"].tolist() == [
        "Sex: man → woman; Age in years: 22 → (missing)",
        "none",
    ]
    assert table["Prediction"].tolist() == pytest.approx([75.0, 25.0])
    assert table["Difference"].tolist() == pytest.approx([50.0, 0.0])
    assert table["Original row"].tolist() == ["Braund", "Braund"]
    assert table["Decision"].tolist() == ["survived", "survived"]


def test_download_has_the_tables_own_values():
    table = download([scenario(Sex=1)], FIELDS, "Probability")
    assert table.loc[0, ["Sex", "Age"]].tolist() == ["female", 22.0]
    assert table.loc[0, "Probability"] == 0.75
    assert table.loc[0, "Probability, original row"] == 0.25


def test_a_column_may_be_called_like_one_of_the_list():
    table = download([scenario()], FIELDS, "Probability")
    assert table.columns.tolist().count("decision") == 1
    assert "decision (column)" in table.columns


def test_what_is_kept_can_be_stored():
    one = scenario(Age=None)
    assert Scenario(**json.loads(json.dumps(asdict(one)))) == one

"""What columns, levels and classes are called on the screen."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm.files.reading import read_table
from nfm.tabular.data_dictionary import DataDictionary
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.wording import PLAIN, wording_of


def test_titanic_is_recognised_by_its_columns(titanic):
    wording = wording_of(infer_schema(titanic))
    assert wording.row == "passenger"
    assert wording.column("Fare") == "Fare in £ of 1912"
    assert wording.level("Embarked", "S") == "Southampton"
    assert wording.label("0") == "died"
    assert wording.probabilities == {"0": "Probability of death", "1": "Probability of survival"}


@pytest.mark.parametrize("changed", [{"Fare": "price"}, {"Survived": "outcome"}])
def test_other_tables_are_called_as_they_call_themselves(titanic, changed):
    frame = titanic.rename(columns=changed)
    assert wording_of(infer_schema(frame, changed.get("Survived", "Survived"))) == PLAIN


def test_survival_as_a_number_is_no_survival(titanic):
    assert wording_of(infer_schema(titanic, "Survived", "regression")) == PLAIN


def test_what_has_no_word_keeps_its_name(titanic):
    wording = wording_of(infer_schema(titanic))
    assert wording.column("Sex") == "Sex"
    assert wording.level("Pclass", "4") == "4"
    assert PLAIN.label("1") == "1"


def test_own_names_replace_those_of_a_sample(titanic):
    own = DataDictionary.read(
        b"column,level,name,unit\n,,person,\nAge,,,years\nSurvived,1,lived,\nSex,male,man,\n"
    )
    wording = wording_of(infer_schema(titanic).with_dictionary(own))
    assert wording.row == "person"
    assert wording.column("Age") == "Age (years)"
    assert wording.column("Fare") == "Fare"
    assert (wording.label("1"), wording.label("0")) == ("lived", "0")
    assert wording.level("Sex", "male") == "man"


def test_units_of_the_cells_are_shown_unless_a_column_has_a_name():
    rows = [f"{number / 7:.2f} km,${number % 11}.50,{number}:10:00" for number in range(40)]
    frame = read_table("\n".join(["way,tip,time", *rows]).encode())
    schema = infer_schema(frame, "time", "regression")
    wording = wording_of(schema)
    assert wording.columns == {"way": "way (km)", "tip": "tip ($)", "time": "time (s)"}
    assert wording.unit == schema.unit == "s"
    named = schema.with_dictionary(DataDictionary.read(b"column,name,unit\ntip,Tip,\nway,,mi\n"))
    assert wording_of(named).columns == {"way": "way (mi)", "tip": "Tip", "time": "time (s)"}
    assert named.with_target("tip", frame).unit == ""


def test_units_of_a_target_follow_the_task():
    rows = [f"{number % 3} €,{number}" for number in range(30)]
    frame = read_table("\n".join(["price,a", *rows]).encode())
    classes = infer_schema(frame, "price", "multiclass")
    assert classes.unit == ""
    assert classes.with_task("regression", frame).unit == "€"
    assert classes.with_task("regression", frame).with_task("multiclass", frame).unit == ""


def test_class_names_belong_to_their_target(titanic):
    own = DataDictionary.read(b"column,level,name\nSurvived,1,lived\n")
    schema = infer_schema(titanic).with_dictionary(own)
    assert wording_of(schema.with_target("Sex", titanic)).classes == {}
    assert wording_of(infer_schema(titanic, keep_all=True), "Survived").classes == {}
    assert wording_of(schema, "Survived").label("1") == "lived"


def test_a_dictionary_may_write_true_as_the_table_does():
    frame = pd.DataFrame({"on": [True, False] * 9, "y": ["yes", "no", "no"] * 6})
    given = DataDictionary.read(b"column,level,name\non,True,On\non,FALSE,Off\n")
    wording = wording_of(infer_schema(frame, "y").with_dictionary(given))
    assert [wording.level("on", text) for text in ("true", "false")] == ["On", "Off"]

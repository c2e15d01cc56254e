"""Words for people."""

from __future__ import annotations

import pytest

from nfm.tabular.data_dictionary import PLAIN, TITANIC, wording_of
from nfm.tabular.infer_schema import infer_schema


def test_titanic_is_recognised_by_its_columns(titanic):
    assert wording_of(infer_schema(titanic)) is TITANIC


def test_the_other_class_of_the_titanic_is_called_death(titanic):
    dictionary = wording_of(infer_schema(titanic).with_positive("0", titanic))
    assert dictionary.answer == "Probability of death"
    assert dictionary.columns == TITANIC.columns


@pytest.mark.parametrize("changed", [{"Fare": "price"}, {"Survived": "outcome"}])
def test_other_tables_are_called_as_they_call_themselves(titanic, changed):
    frame = titanic.rename(columns=changed)
    assert wording_of(infer_schema(frame, changed.get("Survived", "Survived"))) == PLAIN


def test_survival_as_a_number_is_no_survival(titanic):
    assert wording_of(infer_schema(titanic, "Survived", "regression")) == PLAIN


def test_what_has_no_word_keeps_its_name():
    assert TITANIC.column("Sex") == "Sex"
    assert TITANIC.level("Pclass", "4") == "4"
    assert TITANIC.level("Embarked", "S") == "Southampton"
    assert PLAIN.label("1") == "1"

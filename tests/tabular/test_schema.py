from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.errors import SchemaError
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.schema import Column, Schema
from nfm.tabular.target_guess import guess_positive, guess_task

KINDS = st.sampled_from(["categorical", "numeric", "date", "text", "identifier", "constant"])
COLUMNS = st.lists(
    st.builds(
        Column,
        name=st.text(),
        kind=KINDS,
        role=st.sampled_from(["feature", "ignored"]),
        reason=st.text(),
        level_count=st.integers(0, 10**9),
        missing_share=st.floats(0, 1),
        examples=st.lists(st.text(), max_size=3).map(tuple),
        warning=st.none() | st.text(),
        day_first=st.none() | st.booleans(),
    ),
    unique_by=lambda column: column.name,
    max_size=5,
).map(tuple)


@given(COLUMNS, st.sampled_from([None, "binary", "multiclass", "regression"]))
def test_any_schema_survives_json(columns, task):
    schema = Schema(columns=columns, task=task)
    assert Schema.model_validate_json(schema.model_dump_json()) == schema


def test_titanic_is_understood(titanic):
    schema = infer_schema(titanic)
    assert {column.name: (column.kind, column.role) for column in schema.columns} == {
        "PassengerId": ("identifier", "ignored"),
        "Survived": ("categorical", "target"),
        "Pclass": ("categorical", "feature"),
        "Name": ("text", "ignored"),
        "Sex": ("categorical", "feature"),
        "Age": ("numeric", "feature"),
        "SibSp": ("numeric", "feature"),
        "Parch": ("numeric", "feature"),
        "Ticket": ("identifier", "ignored"),
        "Fare": ("numeric", "feature"),
        "Cabin": ("categorical", "feature"),
        "Embarked": ("categorical", "feature"),
    }
    assert schema.target == "Survived"
    assert schema.task == "binary"
    assert not any(column.warning for column in schema.columns)


def test_the_same_table_always_gives_the_same_schema(titanic):
    assert infer_schema(titanic) == infer_schema(titanic.copy())


@pytest.mark.parametrize(
    ("names", "target"),
    [
        (["a", "Survived", "b"], "Survived"),
        (["a", " Target ", "b"], " Target "),
        (["class", "b", "label"], "label"),
        (["y", "b", "c"], "y"),
        (["a", "b", "c"], "c"),
    ],
)
def test_the_target_is_guessed_by_name_or_is_the_last_column(names, target):
    frame = pd.DataFrame({name: [0, 1] * 30 for name in names})
    assert infer_schema(frame).target == target


def test_an_identifier_is_not_guessed_as_the_target():
    frame = pd.DataFrame({"x": [0.5, 1.5] * 30, "id": range(60)})
    assert infer_schema(frame).target == "x"


def test_a_table_without_a_possible_target_has_none():
    schema = infer_schema(pd.DataFrame({"id": range(60)}))
    assert schema.target is None
    assert schema.task is None


def test_an_estimators_table_has_features_only():
    frame = pd.DataFrame({"id": range(60), "y": [1.0] * 60, "name": map(str, range(60))})
    schema = infer_schema(frame, keep_all=True)
    assert {column.role for column in schema.columns} == {"feature"}
    assert schema.task is None


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1], "binary"),
        ([0.0, 1.0, np.nan], "binary"),
        ([True, False], "binary"),
        (["no", "yes"], "binary"),
        (["a", "b", "c"], "multiclass"),
        ([0, 1, 2], "multiclass"),
        (range(10), "multiclass"),
        (range(11), "regression"),
        ([0.5, 1.5, 2.5], "regression"),
        (["1,5", "2,5", "3,5"] * 10 + [f"{x},25" for x in range(30)], "regression"),
    ],
)
def test_the_targets_values_set_the_task(values, task):
    assert guess_task(pd.Series(list(values) * 2)) == task


@pytest.mark.parametrize(
    ("classes", "positive"),
    [
        (["ja", "nein"], "ja"),
        (["Ja", "Nej"], "Ja"),
        (["+", "-"], "+"),
        (["churn", "no churn"], "churn"),
        (["Fraud", "not fraud"], "Fraud"),
        (["no", "yes"], ""),
        (["N", "Y"], ""),
        (["false", "true"], ""),
        (["absent", "present"], ""),
        (["bad", "good"], ""),
        (["a", "b"], ""),
        (["j", "n"], "j"),
        (["o", "x"], ""),
        (["d", "n"], ""),
        ([0, 1], ""),
    ],
)
def test_a_word_that_affirms_is_the_positive_class_where_sorting_misses_it(classes, positive):
    frame = pd.DataFrame({"x": range(8), "answer": classes * 4})
    assert infer_schema(frame, "answer").positive == positive


def test_a_table_that_is_read_as_before_there_were_formats_keeps_its_positive_class():
    assert guess_positive(pd.Series(["ja", "nein"] * 4), "binary") == ""


def test_the_positive_class_is_set_by_hand_and_left_with_the_target():
    frame = pd.DataFrame({"x": range(8), "answer": ["a", "b"] * 4, "other": ["c", "d"] * 4})
    schema = infer_schema(frame, "answer").with_positive("a", frame)
    assert schema.positive == "a"
    assert schema.with_task("binary", frame).positive == "a"
    assert schema.with_target("other", frame).positive == ""
    assert schema.with_positive("b", frame) == infer_schema(frame, "answer")
    with pytest.raises(SchemaError, match="Choose the task binary"):
        infer_schema(frame, "x").with_positive("a", frame)
    with pytest.raises(SchemaError, match="'c' is not a class of the target 'answer'"):
        schema.with_positive("c", frame)
    assert "positive" not in infer_schema(frame, "answer").model_dump()
    assert Schema.model_validate(schema.model_dump()) == schema


def test_a_number_that_differs_in_every_row_is_a_regression():
    assert guess_task(pd.Series(range(10))) == "regression"


def test_a_number_that_occurs_once_is_no_class():
    assert guess_task(pd.Series([0, 0, 1, 1, 2, 2, 3])) == "regression"
    assert guess_task(pd.Series([0, 0, 1, 1, 2, 2, 3, 3])) == "multiclass"


def test_the_task_can_be_chosen(titanic):
    assert infer_schema(titanic, "Pclass").task == "multiclass"
    assert infer_schema(titanic, "Pclass", "regression").task == "regression"
    assert infer_schema(titanic, "Pclass").with_task("regression", titanic).task == "regression"


def test_another_target_sets_another_task_and_frees_the_old_one(titanic):
    schema = infer_schema(titanic).with_target("Age", titanic)
    assert schema.target == "Age"
    assert schema.task == "regression"
    assert schema.column("Survived").role == "feature"


def test_a_target_of_no_use_as_a_feature_is_ignored_when_it_is_freed(titanic):
    schema = infer_schema(titanic, "Ticket").with_target("Survived", titanic)
    assert schema.column("Ticket").role == "ignored"


def test_without_a_target_there_is_no_task(titanic):
    schema = infer_schema(titanic).with_target(None, titanic)
    assert schema.target is None
    assert schema.task is None


def test_overrides_outlive_another_target(titanic):
    schema = infer_schema(titanic).with_column("SibSp", kind="categorical")
    assert schema.with_target("Embarked", titanic).column("SibSp").kind == "categorical"


def test_a_kind_set_by_hand_says_so(titanic):
    column = infer_schema(titanic).with_column("Age", kind="categorical").column("Age")
    assert column.kind == "categorical"
    assert column.role == "feature"
    assert column.reason == "Set by hand; it was detected as numeric."


def test_a_column_that_becomes_usable_becomes_a_feature(titanic):
    schema = infer_schema(titanic).with_column("Ticket", kind="categorical")
    assert schema.column("Ticket").role == "feature"


def test_a_column_that_becomes_an_identifier_is_ignored(titanic):
    schema = infer_schema(titanic).with_column("Cabin", kind="identifier")
    assert schema.column("Cabin").role == "ignored"


def test_a_role_given_with_a_kind_counts(titanic):
    schema = infer_schema(titanic).with_column("Ticket", kind="categorical", role="ignored")
    assert schema.column("Ticket").role == "ignored"


def test_the_kind_of_the_target_can_be_changed(titanic):
    schema = infer_schema(titanic).with_column("Survived", kind="numeric", role="target")
    assert schema.target == "Survived"


def test_features_are_chosen_by_name(titanic):
    schema = infer_schema(titanic).with_features(["Sex", "Ticket"])
    assert [column.name for column in schema.features] == ["Sex", "Ticket"]
    assert schema.target == "Survived"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda schema, frame: schema.column("Deck"), "The table has no column 'Deck'"),
        (lambda schema, frame: schema.with_target("Deck", frame), "The table has no column 'Deck'"),
        (lambda schema, frame: schema.with_features(["Deck"]), "The table has no column 'Deck'"),
        (lambda schema, frame: schema.with_features(["Survived"]), "'Survived' is the target"),
        (lambda schema, frame: schema.with_column("Sex", role="target"), "choose it as the target"),
        (lambda schema, frame: schema.with_column("Survived", role="ignored"), "choose another"),
        (lambda schema, frame: infer_schema(frame, "Deck"), "The table has no column 'Deck'"),
        (lambda schema, frame: infer_schema(frame[[]]), "no columns"),
    ],
)
def test_an_impossible_change_is_refused_in_a_sentence(titanic, change, message):
    with pytest.raises(SchemaError, match=message):
        change(infer_schema(titanic), titanic)


def test_two_targets_or_two_columns_of_one_name_are_no_schema():
    column = Column(name="a", kind="numeric", role="target")
    with pytest.raises(ValueError, match="same name"):
        Schema(columns=(column, column))
    with pytest.raises(ValueError, match="more than one target"):
        Schema(columns=(column, column.model_copy(update={"name": "b"})))


def test_names_of_any_script_are_kept_and_a_repeated_one_is_refused():
    frame = pd.DataFrame([[0, 1, 2, 3]] * 3, columns=["a/b", "名前", "**x**", "a/c"])
    assert infer_schema(frame).names == ("a/b", "名前", "**x**", "a/c")
    with pytest.raises(SchemaError, match="two columns named 'a/b', columns 1 and 4"):
        infer_schema(frame.rename(columns={"a/c": "a/b"}))


def test_long_numbers_of_a_target_are_told_apart():
    ids = [720_575_940_631_797_000 + row % 3 for row in range(60)]
    for values in (pd.Series(ids), pd.Series([None, *ids[1:]], dtype="Int64")):
        frame = pd.DataFrame({"x": range(60), "owner": values})
        assert infer_schema(frame, "owner").task == "multiclass"


def test_a_wide_table_is_understood():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 300))).rename(columns=str)
    assert len(infer_schema(frame).features) == 299


def test_unit_of_the_target_is_stored_and_older_schemas_have_none(titanic):
    schema = infer_schema(titanic, "Fare")
    old = schema.model_dump_json()
    assert "unit" not in old
    assert Schema.model_validate_json(old).unit == ""
    given = schema.with_unit("  £   of 1912 ")
    assert given.unit == "£ of 1912"
    assert Schema.model_validate_json(given.model_dump_json()) == given
    assert len(schema.with_unit("x" * 500).unit) == 20


def test_unit_belongs_to_its_target(titanic):
    schema = infer_schema(titanic, "Fare").with_unit("£")
    assert schema.with_target("Fare", titanic).unit == "£"
    assert schema.with_column("Age", role="ignored").unit == "£"
    assert schema.with_target("Age", titanic).unit == ""

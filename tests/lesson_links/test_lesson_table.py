"""What a lesson says about its sample is found there, or said not to fit."""

from __future__ import annotations

import pytest

from nfm.lesson_links.lesson import Lesson
from nfm.lesson_links.lesson_table import lesson_table, same_roles, table_fields
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, load_sample
from nfm.tabular.splitting import SplitOptions

TITANIC = load_sample("titanic")
USUAL = infer_schema(TITANIC, "Survived", "binary")


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_as_it_comes_needs_no_words(key: str):
    frame = load_sample(key)
    schema, split, problems = lesson_table(Lesson(data=key), frame)
    assert (split, problems) == (SplitOptions(), ())
    assert schema.target == SAMPLES[key].target
    assert table_fields(key, frame, schema) == {}


@pytest.mark.parametrize(
    "schema",
    [
        USUAL.with_features(["Sex", "Age"]),
        USUAL.with_column("Pclass", kind="numeric"),
        USUAL.with_column("PassengerId", kind="numeric").with_features(["PassengerId", "Sex"]),
        USUAL.with_target("Fare", TITANIC),
        USUAL.with_target("Pclass", TITANIC).with_task("regression", TITANIC),
        USUAL.with_positive("0", TITANIC),
    ],
    ids=["features", "kind", "kind and features", "target", "task", "positive class"],
)
def test_a_changed_schema_is_made_again_from_its_fields(schema):
    fields = table_fields("titanic", TITANIC, schema)
    again, _, problems = lesson_table(Lesson(data="titanic", **fields), TITANIC)
    assert problems == ()
    assert same_roles(again, schema)
    assert not same_roles(again, USUAL)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"target": "Lifeboat"}, "target does not fit"),
        ({"target": "Name"}, "target does not fit"),
        ({"target": "Sex", "task": "regression"}, "task does not fit"),
        ({"positive": "yes"}, "positive does not fit the table: The positive class 'yes'"),
        ({"kinds": {"Deck": "numeric"}}, "kind.Deck does not fit"),
        ({"features": ("Sex", "Survived")}, "features does not fit"),
        ({"split": SplitOptions(group_column="Deck")}, "split.group_column"),
    ],
)
def test_what_does_not_fit_the_table_is_named_and_keeps_its_default(fields: dict, named: str):
    schema, split, (problem,) = lesson_table(Lesson(data="titanic", **fields), TITANIC)
    assert named in problem
    assert split == SplitOptions()
    assert same_roles(schema, USUAL.with_target("Sex", TITANIC) if "task" in fields else USUAL)

"""A rating is suggested as the target, and as a number, and only where nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, load_sample
from nfm.tabular.target_guess import has_rating_name, is_rating

ROWS = np.arange(300)
STARS = 1 + ROWS * 7 % 5


def table(name: str = "rating", values=STARS, **more) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": ROWS % 40,
            "item_id": ROWS % 60,
            name: values,
            "age": 18 + ROWS % 50,
            **more,
            "release_year": 1950 + ROWS % 49,
        }
    )


@pytest.mark.parametrize(
    "name",
    [
        "rating",
        "Rating",
        "star_rating",
        "StarRating",
        "stars",
        "score",
        "Grade",
        "user score",
        "Bewertung",
        "Sterne",
        "Note",
        "Puntuación",
        "voto",
    ],
)
def test_rating_is_suggested_and_read_as_a_number(name):
    schema = infer_schema(table(name))
    assert (schema.target, schema.task) == (name, "regression")
    assert schema.with_task("multiclass", table(name)).task == "multiclass"


@pytest.mark.parametrize(
    "name", ["operating", "scoreboard", "upgrade", "rating_id", "stars in view", ""]
)
def test_other_names_are_no_ratings(name):
    assert not has_rating_name(name)


@pytest.mark.parametrize(
    "values",
    [
        300 + ROWS,  # a credit score
        ROWS % 2,  # two classes
        1 + ROWS % 5 + 0.25,
        [f"grade {value}" for value in STARS],
        -STARS,
    ],
)
def test_other_values_are_no_ratings(values):
    assert not is_rating(pd.Series(values, name="score"))


def test_missing_ratings_are_not_counted():
    values = pd.Series(STARS, name="stars").astype("float64")
    values[::7] = np.nan
    assert is_rating(values)


@pytest.mark.parametrize("named", ["label", "target", "Survived", "churn", "price"])
def test_well_known_target_is_preferred_to_a_rating(named):
    frame = table("score", **{named: ROWS % 3})
    assert infer_schema(frame).target == named


def test_continuous_score_is_a_feature():
    frame = table("score", np.linspace(0, 1, len(ROWS)))
    assert infer_schema(frame).target == "release_year"


def test_last_column_of_two_values_is_preferred_to_a_rating_but_not_among_ids():
    frame = table().drop(columns="release_year").assign(left=ROWS % 2)
    assert infer_schema(frame).target == "rating"
    assert infer_schema(frame.drop(columns="user_id")).target == "left"


@pytest.mark.parametrize("key", list(SAMPLES))
def test_samples_keep_their_targets(key):
    schema = infer_schema(load_sample(key))
    assert (schema.target, schema.task) == (SAMPLES[key].target, SAMPLES[key].task)

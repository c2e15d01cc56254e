from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.leaks import find_leaks

RANDOM = np.random.default_rng(0)
ROWS = 1_000


def table(**columns):
    return pd.DataFrame(columns)


def warned(frame, target="y"):
    return {column.name for column in infer_schema(frame, target).columns if column.warning}


def test_a_copy_of_the_target_under_other_names_is_suspected():
    y = RANDOM.integers(0, 2, ROWS)
    frame = table(alive=np.where(y == 1, "yes", "no"), x=RANDOM.normal(size=ROWS), y=y)
    assert warned(frame) == {"alive"}


def test_a_number_that_separates_the_classes_is_suspected():
    y = RANDOM.integers(0, 2, ROWS)
    frame = table(today=y - 0.5 + RANDOM.uniform(-0.4, 0.4, ROWS), y=y)
    assert warned(frame) == {"today"}


def test_a_lifeboat_filled_in_for_survivors_is_suspected():
    y = (RANDOM.random(ROWS) < 0.38).astype(int)
    boat = np.where((y == 1) & (RANDOM.random(ROWS) < 0.95), RANDOM.integers(1, 20, ROWS), np.nan)
    frame = table(boat=pd.Series(boat).map("{:.0f}".format).where(~np.isnan(boat)), y=y)
    assert warned(frame) == {"boat"}


def test_a_body_number_given_to_some_of_the_dead_is_suspected():
    y = (RANDOM.random(ROWS) < 0.38).astype(int)
    dead = np.flatnonzero(y == 0)[:100]
    body = np.full(ROWS, np.nan)
    body[dead] = RANDOM.permutation(300)[:100]
    frame = table(body=body, x=RANDOM.normal(size=ROWS), y=y)
    warning = infer_schema(frame, "y").column("body").warning
    assert warning == (
        "100.0% of the 100 rows that have a value here have 'y' = 0: "
        "was it filled in after the outcome?"
    )


def test_a_strong_but_honest_feature_is_not_suspected(titanic):
    y = RANDOM.integers(0, 2, ROWS)
    noisy = np.where(RANDOM.random(ROWS) < 0.9, y, 1 - y)
    assert warned(table(x=noisy, y=y)) == set()
    assert warned(titanic, "Survived") == set()


def test_many_rare_levels_are_not_taken_for_a_leak():
    y = RANDOM.integers(0, 2, ROWS)
    level = pd.Series(RANDOM.integers(0, 400, ROWS)).map("level {}".format)
    assert warned(table(level=level, y=y)) == set()


def test_another_unit_or_the_logarithm_of_a_number_is_suspected():
    y = RANDOM.lognormal(1, 2, ROWS)
    frame = table(cents=y * 100 + 3, log=np.log(y), x=RANDOM.normal(size=ROWS), y=y)
    assert warned(frame) == {"cents", "log"}


def test_a_level_for_each_number_is_suspected():
    y = RANDOM.choice([1.5, 2.5, 7.25, 9.5], ROWS)
    frame = table(band=pd.Series(y).map("band {}".format), y=y)
    assert warned(frame) == {"band"}


def test_the_warning_follows_the_target(titanic):
    frame = titanic.assign(alive=np.where(titanic["Survived"] == 1, "yes", "no"))
    schema = infer_schema(frame, "Survived")
    assert schema.column("alive").warning
    assert schema.with_target("Sex", frame).column("alive").warning is None


def test_small_constant_and_missing_columns_are_passed_over():
    frame = table(a=[np.nan] * 60, b=[1.0] * 60, y=[0.5, 1.0, 2.0] * 20)
    assert find_leaks(frame, "y", "regression", [("a", "numeric"), ("b", "numeric")]) == {}
    few = table(a=[0, 1] * 10, y=[0, 1] * 10)
    assert find_leaks(few, "y", "binary", [("a", "categorical")]) == {}
    one = table(a=[0, 1] * 30, y=[1] * 60)
    assert find_leaks(one, "y", "binary", [("a", "categorical")]) == {}
    same = table(a=[0.0, 1.0] * 30, y=[1.0] * 60)
    assert find_leaks(same, "y", "regression", [("a", "numeric")]) == {}

"""The estimators take tables of any library, by name, and arrays, by position."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nfm import NFMClassifier, NFMRegressor, Settings, infer_schema, load_bundle, train_table
from nfm.errors import NFMError, SchemaError

QUICK = {"epochs": 2, "hidden_units": (4,), "embedding_dim": 2, "random_state": 0}
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": RNG.normal(size=80), "b": RNG.normal(size=80)})
Y = np.where(FRAME["a"] > 0, "high", "low")


@pytest.fixture(scope="module")
def model() -> NFMClassifier:
    return NFMClassifier(**QUICK).fit(FRAME, Y)


@pytest.fixture(scope="module")
def unnamed() -> NFMClassifier:
    return NFMClassifier(**QUICK).fit(FRAME.to_numpy(), Y)


@pytest.mark.parametrize(
    "make",
    [
        pl.from_pandas,
        pa.Table.from_pandas,
        lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
        lambda frame: frame.convert_dtypes(),
    ],
)
def test_columns_are_found_by_name_whatever_the_library(model: NFMClassifier, make: Any) -> None:
    expected = model.predict_proba(FRAME)
    other = make(FRAME[["b", "a"]])
    again = NFMClassifier(**QUICK).fit(make(FRAME), pl.Series(Y))
    assert again.feature_names_in_.tolist() == ["a", "b"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for one in (model, again):
            np.testing.assert_allclose(one.predict_proba(other), expected)
            np.testing.assert_allclose(one.bundle_.predict_proba(other), expected)
            assert one.encode(other)["values"].shape == (80, 2)
    assert model.bundle_.evaluate(other, Y) == model.bundle_.evaluate(FRAME, Y)


def test_an_array_after_a_table_is_taken_by_position_with_a_warning(model: NFMClassifier) -> None:
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        answers = model.predict_proba(FRAME.to_numpy())
    np.testing.assert_allclose(answers, model.predict_proba(FRAME))


def test_a_table_after_an_array_is_taken_by_position_with_a_warning(
    unnamed: NFMClassifier,
) -> None:
    expected = unnamed.predict_proba(FRAME.to_numpy())
    for table in (FRAME, pl.from_pandas(FRAME)):
        with pytest.warns(UserWarning, match="was fitted without feature names"):
            np.testing.assert_allclose(unnamed.predict_proba(table), expected)


def test_numbers_as_names_are_names() -> None:
    frame = FRAME.set_axis([7, 5], axis=1)
    model = NFMClassifier(**QUICK).fit(frame, Y)
    expected = model.predict_proba(frame)
    np.testing.assert_allclose(model.predict_proba(frame[[5, 7]]), expected)
    np.testing.assert_allclose(model.bundle_.predict_proba(frame[[5, 7]]), expected)
    np.testing.assert_allclose(model.predict_proba(frame.to_numpy()), expected)
    with pytest.raises(SchemaError, match="'7', '6'"):
        model.predict(frame.set_axis([7, 6], axis=1))


def test_names_of_several_levels_are_names() -> None:
    frame = FRAME.set_axis(pd.MultiIndex.from_tuples([("x", 1), ("x", 2)]), axis=1)
    model = NFMRegressor(**QUICK, categorical=[("x", 2)]).fit(frame, FRAME["a"])
    assert model.bundle_.encoder.layout.categorical == ("('x', 2)",)
    np.testing.assert_allclose(model.predict(frame.iloc[:, ::-1]), model.predict(frame))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (FRAME.iloc[0], "single column or row"),
        (FRAME["a"], "single column or row"),
        (pl.from_pandas(FRAME)["a"], "single column or row"),
        (FRAME.to_dict("list"), "mapping"),
        (FRAME.head(0), r"0 sample\(s\)"),
        (pl.from_pandas(FRAME).head(0), r"0 sample\(s\)"),
        (FRAME[[]], "no columns"),
        (pl.from_pandas(FRAME).lazy(), "collect"),
    ],
)
def test_what_is_not_a_table_gets_a_sentence(model: NFMClassifier, X: Any, message: str) -> None:
    with pytest.raises(NFMError, match=message):
        model.predict(X)
    with pytest.raises(NFMError, match=message):
        NFMClassifier(**QUICK).fit(X, Y)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (FRAME.iloc[0], "single column or row"),
        (FRAME.to_dict("list"), "mapping"),
        (FRAME.to_numpy(), "does not name its columns"),
        (FRAME[[]], "no columns"),
        (FRAME.set_axis(["a", "a"], axis=1), "two columns named 'a'"),
    ],
)
def test_a_bundle_says_what_it_cannot_take(model: NFMClassifier, table: Any, message: str) -> None:
    bundle = load_bundle(model.bundle_.to_bytes())
    for ask in (bundle.predict, bundle.predict_proba, lambda rows: bundle.evaluate(rows, Y)):
        with pytest.raises(SchemaError, match=message):
            ask(table)


def test_a_bundle_is_not_measured_on_nothing_or_on_too_few_targets(model: NFMClassifier) -> None:
    with pytest.raises(SchemaError, match="no rows"):
        model.bundle_.evaluate(FRAME.head(0), [])
    with pytest.raises(SchemaError, match="80 rows, but there are 79 targets"):
        model.bundle_.evaluate(FRAME, Y[1:])


@pytest.mark.parametrize("target", [2, "2"])
def test_a_table_whose_names_are_numbers_is_trained(target: Any) -> None:
    frame = pd.concat([FRAME, pd.Series(Y)], axis=1).set_axis([0, 1, 2], axis=1)
    schema = infer_schema(frame, target)
    trained = train_table(frame, schema, Settings(epochs=1))
    assert trained.bundle.target.name == "2"
    assert trained.bundle.encoder.columns == ("0", "1")
    assert schema.with_target(0, frame).target == "0"


@pytest.mark.slow
def test_a_table_of_polars_is_trained_as_one_of_pandas_is() -> None:
    frame = FRAME.assign(y=Y)
    settings = Settings(epochs=1)
    one, other = (
        train_table(table, infer_schema(table, "y"), settings)
        for table in (frame, pl.from_pandas(frame))
    )
    assert one.figures == other.figures
    names = pd.MultiIndex.from_tuples([("x", 1), ("x", 2), ("y", "")])
    leveled = frame.set_axis(names, axis=1)
    third = train_table(leveled, infer_schema(leveled, ("y", "")), settings)
    assert third.figures == one.figures


@pytest.mark.parametrize("table", [FRAME.set_axis(["a", "a"], axis=1), FRAME["a"], {"a": [1]}])
def test_a_table_that_cannot_be_trained_is_refused_in_a_sentence(table: Any) -> None:
    schema = infer_schema(FRAME.assign(y=Y), "y")
    for call in (infer_schema, lambda rows: train_table(rows, schema)):
        with pytest.raises(SchemaError, match=r"two columns named|single column|mapping"):
            call(table)


@pytest.mark.parametrize("form", ["{:.2f}%", "{:.2f}", "{:,.2f} €"])
def test_numbers_as_text_are_named(form: str) -> None:
    text = [form.format(value) for value in FRAME["a"]]
    frame = pd.DataFrame({"a": text, "b": FRAME["b"]})
    with pytest.warns(UserWarning, match="The column 'a' has numbers as text"):
        NFMClassifier(**QUICK).fit(frame, Y)


def test_levels_with_numbers_in_them_are_not_named_as_numbers() -> None:
    frame = pd.DataFrame({"a": [f"flat {row}" for row in range(80)], "b": np.arange(80) % 5})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        NFMClassifier(**QUICK, categorical=["b"]).fit(frame, Y)
        codes = frame.assign(a=[str(10_000 + row) for row in range(80)])
        NFMClassifier(**QUICK, categorical=["a"]).fit(codes, Y)
    assert not [warning for warning in caught if "numbers as text" in str(warning.message)]

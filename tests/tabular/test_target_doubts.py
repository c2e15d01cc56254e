"""A target means the same in every later table, or a warning or an error names its column."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

import nfm
from nfm import Settings, infer_schema, read_table, train_table
from nfm.errors import NFMError, SchemaError
from nfm.evaluation.examined_table import examined_table
from nfm.inference.bundle import Bundle

RANDOM = np.random.default_rng(5)
ROWS = 60
X = RANDOM.normal(size=ROWS).round(2)
WHOLE = RANDOM.integers(1_000, 9_999, ROWS)
SHARES = RANDOM.uniform(5, 95, ROWS).round(1)
CLASSES = (X > 0).astype(int)

NUMBERS: dict[str, Callable[[float], object]] = {
    "plain": str,
    "grouped": lambda n: f"{n:,}",
    "points between thousands": lambda n: f"{n:,}".replace(",", "."),
    "comma": lambda n: f"{n},0",
    "dollars": lambda n: f"${n:,}",
}
PERCENTAGES: dict[str, Callable[[float], object]] = {
    "percent": lambda n: f"{n}%",
    "comma": lambda n: f"{n}".replace(".", ",") + " %",
    "plain": str,
    "shares": lambda n: f"{n / 100:.3f}",
}
LABELS: dict[str, tuple[object, object]] = {
    "0 and 1": ("0", "1"),
    "1 and 2": ("1", "2"),
    "booleans": ("False", "True"),
    "answers": ("no", "yes"),
    "capitals": ("No", "Yes"),
    "letters": ("a", "b"),
    "percentages": ("0%", "100%"),
}


def csv(cells: list[object]) -> bytes:
    return pd.DataFrame({"x": X, "y": cells}).to_csv(index=False, sep=";").encode()


@cache
def trained(cells: tuple[object, ...]) -> Bundle:
    frame = read_table(csv(list(cells)))
    settings = Settings(epochs=1, embedding_dim=2, hidden_units=())
    return train_table(frame, infer_schema(frame, "y"), settings).bundle


def routes(bundle: Bundle, cells: list[object]) -> dict[str, Callable[[], nfm.EvaluationResult]]:
    content = csv(cells)
    sheet = io.BytesIO()
    pd.DataFrame({"x": X, "y": cells}).to_excel(sheet, index=False)
    rows = pd.DataFrame({"x": X})
    return {
        "read by the model": lambda: nfm.evaluate(bundle, bundle.read_table(content)),
        "read by itself": lambda: nfm.evaluate(bundle, read_table(content)),
        "a sheet": lambda: nfm.evaluate(bundle, bundle.read_table(sheet.getvalue())),
        "text": lambda: nfm.evaluate(bundle, rows, pd.Series(cells, dtype=object)),
        "the page": lambda: on_evaluate(bundle, content),
    }


def on_evaluate(bundle: Bundle, content: bytes) -> nfm.EvaluationResult:
    """What Evaluate and `nfm evaluate` do; their notes as warnings."""
    examined = examined_table(bundle, bundle.read_raw(content, "x.csv").frame)
    for note in examined.notes:
        warnings.warn(note, stacklevel=1)
    return nfm.evaluate(bundle, examined.frame, examined.frame["y"])


def assert_same_or_named(bundle: Bundle, cells: list[object], expected: np.ndarray) -> None:
    for route, evaluated in routes(bundle, cells).items():
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            refusal, labels = "", np.empty(0)
            try:
                labels = evaluated().predictions.labels
            except NFMError as error:
                refusal = str(error)
        same = len(labels) == ROWS and np.allclose(labels, expected)
        said = " ".join([refusal, *(str(one.message) for one in found)])
        assert same or "'y'" in said, (route, cells[:3], labels[:3], expected[:3])


@pytest.mark.parametrize("later", sorted(NUMBERS))
# Points between thousands in all rows are decimal marks to everyone, with a note.
@pytest.mark.parametrize("first", sorted(NUMBERS.keys() - {"points between thousands"}))
def test_whole_numbers_mean_the_same_in_every_style(first: str, later: str) -> None:
    bundle = trained(tuple(NUMBERS[first](int(number)) for number in WHOLE))
    assert_same_or_named(bundle, [NUMBERS[later](int(number)) for number in WHOLE], WHOLE)


# Nothing in the cells tells plain numbers from shares.
@pytest.mark.parametrize(
    ("first", "later"),
    [
        pair
        for pair in itertools.product(sorted(PERCENTAGES), repeat=2)
        if set(pair) != {"plain", "shares"}
    ],
)
def test_percentages_mean_the_same_in_every_style(first: str, later: str) -> None:
    bundle = trained(tuple(PERCENTAGES[first](number) for number in SHARES))
    expected = SHARES / 100 if first == "shares" else SHARES
    cells = [PERCENTAGES[later](number) for number in SHARES]
    assert_same_or_named(bundle, cells, expected)


@pytest.mark.parametrize("later", sorted(LABELS))
@pytest.mark.parametrize("first", sorted(LABELS))
def test_classes_mean_the_same_in_every_style(first: str, later: str) -> None:
    bundle = trained(tuple(LABELS[first][code] for code in CLASSES))
    cells = [LABELS[later][code] for code in CLASSES]
    assert_same_or_named(bundle, cells, CLASSES)


@pytest.mark.parametrize("cells", [["1,234", "2,500", "3,750"], ["1,234", "2,5", "3,750"]])
def test_estimators_refuse_targets_that_only_other_rows_explain(cells: list[str]) -> None:
    model = nfm.NFMRegressor(epochs=1, embedding_dim=2, hidden_units=())
    with pytest.raises(SchemaError, match="'1,234' in row 1, which is not a number as Python"):
        model.fit(X[:30].reshape(-1, 1), cells * 10)
    model.fit(X.reshape(-1, 1), [str(number) for number in SHARES])
    assert abs(model.bundle_.target.mean - SHARES.mean()) < 10
    rows = pd.DataFrame({"0": X[:3]})
    with pytest.raises(SchemaError, match="'1,234'"):
        nfm.evaluate(model, rows, ["1,234", "2,5", "3,750"])
    with pytest.warns(match="1 of 3 rows have a value of .* '2,5'; an evaluation leaves them"):
        assert len(nfm.evaluate(model, rows, ["1.5", "2,5", "3e1"]).predictions) == 2


def test_true_and_false_are_named_where_training_had_numbers() -> None:
    frame = pd.DataFrame({"count": WHOLE, "flag": CLASSES, "y": X})
    settings = Settings(epochs=1, embedding_dim=2, hidden_units=())
    bundle = train_table(frame, infer_schema(frame, "y"), settings).bundle
    rows = frame.assign(count=WHOLE > 5_000, flag=CLASSES > 0)[["count", "flag"]]
    for changed in (rows, rows.astype("category"), rows.convert_dtypes(), rows.astype(object)):
        with pytest.warns(match="'count': in training the cells were numbers") as found:
            bundle.predict(changed)
        assert not any("'flag': in training" in str(one.message) for one in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda y: 100 * y, "far outside the training range"),
        (np.log, "far outside the training range"),
        (lambda y: np.where(np.arange(len(y)) < 9, -999, y), "If it means a missing value"),
    ],
)
def test_targets_far_outside_the_training_range_are_named(change, said) -> None:
    bundle = trained(tuple(WHOLE))
    assert said in " ".join(bundle.target_doubts(pd.Series(change(WHOLE.astype(float)), name="y")))
    assert bundle.target_doubts(pd.Series(WHOLE, name="y")) == ()


def test_decimals_of_a_target_whose_smallest_and_largest_are_whole_are_not_named() -> None:
    bundle = trained(tuple(np.append([0.0, 100.0], SHARES[2:].round(3) + 0.001)))
    assert bundle.target_doubts(pd.Series(["46.284", "9.155"], name="y")) == ()

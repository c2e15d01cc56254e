"""`classes_`, the model's classes and the bundle's are one list, or the target is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nfm import NFMClassifier, NFMRegressor
from nfm.errors import NFMError, ReadingWarning, SettingsError

pytestmark = pytest.mark.slow

QUICK = {"epochs": 8, "hidden_units": (), "learning_rate": 0.05, "embedding_dim": 2}
ROWS = 60
SECOND = np.arange(ROWS) % 3 == 0
X = pd.DataFrame({"sort": np.where(SECOND, "b", "a"), "noise": np.arange(ROWS) % 7})
LONG = 720_575_940_631_797_000


def labels(first: Any, second: Any) -> list[Any]:
    return [second if is_second else first for is_second in SECOND]


def fit(y: Any, **arguments: Any) -> NFMClassifier:
    return NFMClassifier(**QUICK, random_state=0).fit(X, y, **arguments)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (labels("no", "yes"), ["no", "yes"]),
        (np.array(labels("no", "yes")), ["no", "yes"]),
        (pd.Series(labels("b", "a")), ["a", "b"]),
        (labels(True, False), [False, True]),
        (pd.Series(labels(True, False), dtype="boolean"), [False, True]),
        (pd.Series(labels(True, False), dtype=object), [False, True]),
        (labels(LONG + 1, LONG), [LONG, LONG + 1]),
        (labels(-LONG, -LONG - 1), [-LONG - 1, -LONG]),
        (np.array(labels(2**63 + 1, 7), dtype=np.uint64), [7, 2**63 + 1]),
        (pd.Series(labels(LONG + 1, LONG), dtype="Int64"), [LONG, LONG + 1]),
        (pd.Series(labels(LONG, LONG + 1), dtype=object), [LONG, LONG + 1]),
        (np.array(labels(3, -2), dtype=np.int8), [-2, 3]),
        (np.array(labels(10.0, 9.0)), [9.0, 10.0]),
        (pd.Categorical(labels("v", "u"), categories=["w", "v", "u"]), ["u", "v"]),
        (pd.Series(pd.Categorical(labels(2, 1), categories=[3, 2, 1])), [1, 2]),
        (pl.Series(labels("no", "yes")), ["no", "yes"]),
        (pl.Series(labels(LONG + 1, LONG)), [LONG, LONG + 1]),
        (pa.array(labels(True, False)), [False, True]),
        (pd.Series(labels(2, 1), dtype=pd.ArrowDtype(pa.int32())), [1, 2]),
        (pa.array(labels("no", "yes")).dictionary_encode(), ["no", "yes"]),
    ],
)
def test_classes_are_one_list_and_the_answers_are_of_it(y: Any, classes: list) -> None:
    model = fit(y)
    assert model.classes_.tolist() == classes
    assert model.bundle_.classes.tolist() == classes
    assert list(map(type, model.classes_.tolist())) == list(map(type, classes))
    truth = pd.Series(y).tolist()
    assert model.predict(X).tolist() == truth
    assert model.bundle_.predict(X).tolist() == truth
    assert model.bundle_.evaluate(X, y).accuracy == 1.0


@pytest.mark.parametrize("missing", ["", "  ", None, np.nan, pd.NA, pd.NaT])
def test_a_label_that_is_missing_or_blank_is_named_with_its_row(missing: Any) -> None:
    y = pd.Series(labels("no", "yes"), dtype=object)
    y[3] = y[5] = missing
    for target in (y, y.to_numpy()):
        with pytest.raises(NFMError, match=r"'y' is missing .* in 2 rows \(the first is row 4\)"):
            fit(target)


@pytest.mark.parametrize(
    "y",
    [
        pl.Series([1, None, *[0, 1] * (ROWS // 2 - 1)]),
        pa.array([True, None, *[True, False] * (ROWS // 2 - 1)]),
        pd.array([1, None, *[0, 1] * (ROWS // 2 - 1)], dtype="Int64"),
        np.array([1, np.nan, *[0, 1] * (ROWS // 2 - 1)]),
        pd.Series(pd.Categorical(["a", None, *["a", "b"] * (ROWS // 2 - 1)])),
        ["a", None, *["a", "b"] * (ROWS // 2 - 1)],
    ],
)
def test_a_missing_label_of_any_library_is_named_with_its_row(y: Any) -> None:
    with pytest.raises(NFMError, match=r"in 1 rows \(the first is row 2\)"):
        fit(y)
    if not (isinstance(y, list) or isinstance(getattr(y, "dtype", None), pd.CategoricalDtype)):
        with pytest.raises(NFMError, match=r"in 1 rows \(the first is row 2\)"):
            NFMRegressor(**QUICK).fit(X, y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (labels("a", 1), r"mixes text \('a' in row 2\) and numbers|mixes numbers \(1 in row 1\)"),
        (labels(True, 2), "mixes"),
        (labels(dt.date(2024, 1, 1), dt.date(2024, 1, 2)), "contains dates"),
        (pd.to_datetime(pd.Series(labels("2024-01-01", "2024-01-02"))), "contains dates"),
        (np.array(labels("2024-01-01", "2024-01-02"), dtype="datetime64[D]"), "contains dates"),
        (pl.Series(labels(dt.date(2024, 1, 1), dt.date(2024, 1, 2))), "contains dates"),
        (labels(Decimal(1), Decimal(2)), "Decimal"),
    ],
)
def test_labels_that_are_not_of_one_usable_type_are_refused(y: Any, message: str) -> None:
    with pytest.raises(NFMError, match=message):
        fit(y)


def test_dates_are_no_numbers_for_a_regressor() -> None:
    with pytest.raises(NFMError, match="contains dates, which are not numbers"):
        NFMRegressor(**QUICK).fit(X, pd.date_range("2024-01-01", periods=ROWS))


def test_durations_are_seconds_for_a_regressor() -> None:
    seconds = 60 * (1 + SECOND)
    durations = pd.Series(pd.to_timedelta(seconds, unit="s"))
    for y in (durations, durations.to_numpy(), list(durations)):
        model = NFMRegressor(**QUICK, random_state=0).fit(X, y)
        np.testing.assert_array_equal(
            model.predict(X), NFMRegressor(**QUICK, random_state=0).fit(X, seconds).predict(X)
        )


def test_every_class_is_trained_however_few_rows_it_has() -> None:
    # Classes of one row each: some of their rows would be validation rows.
    y = [f"class {row}" for row in range(ROWS)]
    with pytest.warns(UserWarning, match="Only one row"):
        model = NFMClassifier(**{**QUICK, "epochs": 1}).fit(X, y)
    assert model.classes_.tolist() == model.bundle_.classes.tolist() == sorted(y)
    assert min(model.bundle_.target.counts) == 1


def test_evaluation_rows_of_the_same_classes_may_write_them_otherwise() -> None:
    y = labels(0, 1)
    model = fit(y, eval_set=(X, [str(label) for label in y]), callback=lambda epoch: True)
    again = fit(y, eval_set=[(X, y)], callback=lambda epoch: True)
    assert model.history_["validation_loss"].tolist() == again.history_["validation_loss"].tolist()


def test_the_training_rows_alone_are_counted() -> None:
    y = labels("no", "yes")
    model = fit(y, eval_set=(X, y), callback=lambda epoch: True)
    assert model.bundle_.target.counts == (ROWS - SECOND.sum(), SECOND.sum())


@pytest.mark.parametrize(
    ("eval_set", "message"),
    [
        ((X, labels("no", "maybe")), r"20 of its rows have classes .* 'maybe' in row 1\."),
        ((X, ["no", ""] * 30), "is missing"),
        ((X, labels("no", "yes")[1:]), "60 rows and y of eval_set has 59"),
        ((X.head(0), []), r"0 sample\(s\)"),
        ((X[["sort"]], labels("no", "yes")), "noise"),
        ((X.rename(columns={"sort": "kind"}), labels("no", "yes")), "kind"),
        ((X.to_numpy()[:, :1], labels("no", "yes")), "1 features"),
        ((X["sort"], labels("no", "yes")), "single column or row"),
        ((X, None), "y is None"),
        ((X,), "one pair .* a tuple of length 1"),
        ((X, labels("no", "yes"), None), "one pair .* a tuple of length 3"),
        ([(X, labels("no", "yes"))] * 2, "one pair .* a list of length 2"),
        ([], "one pair .* a list of length 0"),
        (X, "one pair .* a DataFrame"),
        ("X, y", "one pair"),
    ],
)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_an_evaluation_set_that_does_not_fit_is_refused(eval_set: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        fit(labels("no", "yes"), eval_set=eval_set)


def test_an_evaluation_set_may_be_a_list_of_rows_and_targets_with_columns_in_any_order() -> None:
    y = labels("no", "yes")
    one = fit(y, eval_set=[X[["noise", "sort"]], y], callback=lambda epoch: True)
    other = fit(y, eval_set=(X, y), callback=lambda epoch: True)
    assert one.history_["validation_loss"].tolist() == other.history_["validation_loss"].tolist()


def test_labels_that_differ_in_blanks_only_stay_apart_and_are_named():
    y = [["no", "yes", "yes "][row % 3] for row in range(ROWS)]
    with pytest.warns(ReadingWarning, match=r"differ from other classes only .*'yes '\. They") as w:
        model = fit(y)
    assert w[0].filename == __file__
    assert model.classes_.tolist() == ["no", "yes", "yes "]


def test_labels_with_blanks_are_named_since_those_of_a_file_have_none():
    with pytest.warns(ReadingWarning, match=r"have blanks around them: 'yes '"):
        model = fit(labels("no", "yes "))
    assert set(model.predict(X)) <= {"no", "yes "}


@pytest.mark.filterwarnings("error::nfm.errors.ReadingWarning")
def test_labels_without_blanks_around_them_raise_no_warning():
    fit(labels("not so", "yes"))
    fit(labels(1, 2))

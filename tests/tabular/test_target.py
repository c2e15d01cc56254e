from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.errors import SchemaError
from nfm.tabular.target import Target
from nfm.tabular.target_values import class_counts


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([1, 0, 1, 0], (0, 1)),
        ([1.0, 0.0, 1.0, 0.0], (0.0, 1.0)),
        ([True, False, True, False], (False, True)),
        (["yes", "no", "yes", "no"], ("no", "yes")),
        ([10, 9, 10, 9], (9, 10)),
        (["9", "10", "9", "10"], ("10", "9")),
        (pd.Series(["b", "a"] * 2, dtype="category"), ("a", "b")),
        (np.array([2, 1, 2, 1], dtype=np.int8), (1, 2)),
        (pd.DataFrame({"y": [1, 0, 1, 0]}), (0, 1)),
    ],
)
def test_classes_keep_their_type_and_are_sorted(values, classes):
    target = Target.fit(values, "binary", "y")
    assert target.classes == classes
    assert [type(label) for label in target.classes] == [type(label) for label in classes]
    assert target.counts == (2, 2)
    codes = target.encode(values)
    assert codes.dtype == np.int32
    assert list(codes) == [1, 0, 1, 0]
    assert list(target.labels(codes)) == [classes[1], classes[0]] * 2


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([True, False] * 2, "binary"),
        ([0, 1] * 2, "binary"),
        ([0.0, 1.0] * 2, "binary"),
        ([0.5, 1.0, 2.5] * 2, "multiclass"),
        (["a", "<b>", "猫"] * 2, "multiclass"),
        ([0.1, 0.2, 1e300], "regression"),
    ],
)
def test_a_target_survives_json_with_the_types_of_its_classes(values, task):
    target = Target.fit(values, task, "y")
    again = Target.model_validate_json(target.model_dump_json())
    assert again == target
    assert list(map(type, again.classes)) == list(map(type, target.classes))


@given(st.lists(st.text(min_size=1), min_size=2, max_size=6, unique_by=lambda text: text))
def test_any_text_can_be_a_class(texts):
    texts = [f"x{text}" for text in texts]
    target = Target.fit(texts * 2, "multiclass", "y")
    assert target.classes == tuple(sorted(texts))
    assert list(target.labels(target.encode(texts))) == texts


@pytest.mark.parametrize("values", [[1.0, 0.0], ["1", "0"], ["1.0", "0.0"], [True, False]])
def test_a_class_is_recognised_in_another_type(values):
    target = Target.fit([0, 1, 0, 1], "binary", "y")
    assert list(target.encode(values)) == [1, 0]


def test_outputs_follow_the_task():
    assert Target.fit([0, 1] * 2, "binary").output_count == 1
    assert Target.fit([0, 1, 2] * 2, "multiclass").output_count == 3
    assert Target.fit([0, 1] * 2, "multiclass").output_count == 2
    assert Target.fit([0.0, 1.0], "regression").output_count == 1
    assert Target.fit([0.0, 1.0], "regression").class_count == 0


def test_class_names_are_canonical_text():
    assert Target.fit([0.0, 1.0] * 2, "binary").class_names == ("0", "1")
    assert Target.fit([True, False] * 2, "binary").class_names == ("false", "true")


def test_a_number_is_standardised_and_back():
    values = np.array([10.0, 20.0, 60.0])
    target = Target.fit(values, "regression")
    scaled = target.encode(values)
    assert scaled.dtype == np.float32
    assert scaled.mean() == pytest.approx(0, abs=1e-6)
    assert scaled.std() == pytest.approx(1)
    np.testing.assert_allclose(target.decode(scaled), values, rtol=1e-6)
    assert (target.minimum, target.maximum) == (10, 60)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_numbers_of_any_size_are_standardised(scale):
    target = Target.fit(np.array([1.0, 2.0, 6.0]) * scale, "regression")
    encoded = target.encode(np.array([1.0, 2.0, 6.0]) * scale)
    assert encoded.std() == pytest.approx(1)


def test_text_that_reads_as_numbers_is_a_regression():
    assert Target.fit(["1.5", "25e-1"], "regression").mean == 2.0
    # What it means would depend on the other rows.
    with pytest.raises(SchemaError, match="'1,5' in row 1, which is not a number as Python"):
        Target.fit(["1,5", "2,5"], "regression")
    with pytest.raises(SchemaError, match="'٣' in row 1, which is not a number"):
        Target.fit(["٣", "٤"], "regression")


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        ([], "binary", "no rows"),
        ([1, 1, 1], "binary", "only one class, 1"),
        ([1], "binary", "only one class"),
        ([0, 1, 2] * 2, "binary", "3 classes"),
        ([0, 0, 1], "binary", "Only one row of the target 'y' has the class 1"),
        ([0, np.nan, 1], "binary", r"missing or not finite in 1 rows .* row 2"),
        (["a", None, "b"], "multiclass", "missing"),
        ([2.0, 2.0], "regression", "is 2 in every row"),
        ([2.0], "regression", "only one sample"),
        ([1.0, np.nan], "regression", "missing"),
        ([1.0, np.inf], "regression", "not finite"),
        (["1", "two"], "regression", "'two' in row 2, which is not a number"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused_in_a_sentence(values, task, message):
    with pytest.raises(SchemaError, match=message):
        Target.fit(values, task, "y")


def test_a_new_class_is_refused_by_name():
    target = Target.fit(["a", "b"] * 2, "binary", "y")
    with pytest.raises(SchemaError, match=r"the class 'c' \(first in row 2\), which did not occur"):
        target.encode(["a", "c"])


@pytest.mark.parametrize(
    "state",
    [
        {"task": "binary", "classes": (1,)},
        {"task": "binary", "classes": (1, 2, 3)},
        {"task": "multiclass"},
        {"task": "regression", "classes": (1, 2)},
        {"task": "multiclass", "classes": (1, 1)},
        {"task": "multiclass", "classes": (1, 2), "counts": (1,)},
        {"task": "regression", "scale": 0.0},
        {"task": "regression", "mean": float("nan")},
    ],
)
def test_a_contradictory_state_is_refused(state):
    with pytest.raises(ValueError, match="Target"):
        Target(name="y", **state)


def test_classes_are_counted_in_order():
    assert class_counts(pd.Series([10.0, 9.0, 9.0, np.nan])) == (("9", 2), ("10", 1))
    assert class_counts(["b", "a", "b"]) == (("a", 1), ("b", 2))


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (pd.to_datetime(["2024-01-02", "2024-01-01"] * 2), ("2024-01-01", "2024-01-02")),
        (pd.to_datetime(["2024-01-02 07:30", "2024-01-01 00:00"] * 2), None),
        (pd.to_timedelta([5, 1] * 2, unit="D"), None),
        (pd.period_range("2024-01", periods=2, freq="M").repeat(2), ("2024-01", "2024-02")),
        (np.array([0.2, 0.1] * 2, dtype=np.float32), (0.1, 0.2)),
        ([Decimal("10.50"), Decimal("9.50")] * 2, (9.5, 10.5)),
        ([1, "1.5", "a"] * 2, (1, "1.5", "a")),
        ([2**63 + 5, 2**63 + 1] * 2, (2**63 + 1, 2**63 + 5)),
        ([-720575940631797001, -720575940631797002] * 2, None),
        (np.array([2**63 + 1, 3] * 2, dtype=np.uint64), (3, 2**63 + 1)),
    ],
)
def test_a_target_of_any_type_recognises_its_own_classes(values, classes):
    target = Target.fit(values, "multiclass", "y")
    if classes is not None:
        assert target.classes == classes
    assert list(target.classes) == sorted(
        target.classes, key=lambda label: (str(type(label)), label)
    )
    again = Target.model_validate_json(target.model_dump_json())
    assert again == target
    codes = again.encode(values)
    assert list(again.labels(codes)) == [target.classes[code] for code in codes]
    assert target.known(values).all()


def test_unused_categories_are_no_classes():
    values = pd.Categorical(["b", "a", "b", "a"], categories=["c", "b", "a"])
    assert Target.fit(values, "binary").classes == ("a", "b")


def test_classes_are_those_of_the_training_rows_and_so_are_the_counts():
    target = Target.fit(["a", "b", "b"], "multiclass", "y", others=["a", "c", None, " "])
    assert target.classes == ("a", "b")
    assert target.counts == (1, 2)
    assert target.known(["a", "c", None, " ", "b"]).tolist() == [True, False, False, False, True]
    with pytest.raises(SchemaError, match=r"the class 'c' \(first in row 2\)"):
        target.encode(["a", "c"])
    with pytest.raises(SchemaError, match="Only one row of the target 'y' has the class 'a'"):
        Target.fit(["a", "b", "b"], "multiclass", "y", others=["b", "c", "c"])
    with pytest.raises(SchemaError, match=r"All 2 training rows have the class 'a' .* 'c', occur"):
        Target.fit(["a", "a"], "binary", "y", others=["c", "a"])


def test_dates_are_no_numbers():
    with pytest.raises(SchemaError, match="contains dates, which are not numbers"):
        Target.fit(pd.date_range("2024-01-01", periods=3), "regression", "y")

"""Explanations against a brute-force enumeration by the bundle's public methods."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import EXACT_COLUMNS, explain
from tests.inference.explaining import COMBINATIONS, ask, make_reference_data, with_cells


def _brute_force(reference: ReferenceData, row_number: int) -> np.ndarray:
    """Return the Shapley values by asking the model about every mixture of rows."""
    row = reference.frame.iloc[[row_number]]
    others = reference.frame.iloc[reference.sample]
    columns = list(reference.columns)
    worth = {
        chosen: ask(reference, with_cells(row, others, list(chosen))).mean(axis=0)
        for size in range(len(columns) + 1)
        for chosen in combinations(columns, size)
    }
    values = []
    for column in columns:
        rest = [name for name in columns if name != column]
        value = np.zeros(reference.answers.shape[1])
        for size in range(len(rest) + 1):
            for chosen in combinations(rest, size):
                joined = tuple(name for name in columns if name in chosen or name == column)
                weight = 1 / (len(columns) * comb(len(columns) - 1, size))
                value += weight * (worth[joined] - worth[chosen])
        values.append(value)
    return np.array(values)


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_values_equal_a_brute_force_enumeration(changes: dict) -> None:
    reference = make_reference_data(rows=60, **changes)
    for row_number in (0, 1):
        row = reference.read(reference.frame.iloc[[row_number]])
        found = explain(reference, row)
        np.testing.assert_allclose(
            found.contributions, _brute_force(reference, row_number), rtol=0, atol=1e-6
        )
        assert found.method == "exact"
        assert found.error < 1e-9
        np.testing.assert_allclose(
            found.answer, ask(reference, reference.frame.iloc[[row_number]])[0]
        )


def test_probabilities_of_classes_share_what_they_gain() -> None:
    reference = make_reference_data("multiclass")
    found = explain(reference, reference.read(reference.frame.iloc[[4]]))
    np.testing.assert_allclose(found.contributions.sum(axis=1), 0, atol=1e-12)


def test_a_linear_model_has_no_pairs_in_its_own_units() -> None:
    reference = make_reference_data("regression", interaction="linear")
    found = explain(reference, reference.read(reference.frame.iloc[[4]]))
    np.testing.assert_allclose(found.pairs, 0, atol=1e-9)


def test_strongest_pairs_come_first() -> None:
    reference = make_reference_data()
    found = explain(reference, reference.read(reference.frame.iloc[[4]]))
    strongest = found.strongest_pairs(count=3)
    sizes = [abs(index) for _, _, index in strongest]
    assert sizes == sorted(sizes, reverse=True)
    first, second, index = strongest[0]
    assert index == found.pairs[first, second, 0]


@pytest.mark.parametrize("more", [6, 7])
def test_a_large_exact_game_uses_fewer_reference_rows_and_adds_up(more: int) -> None:
    reference = make_reference_data(more=more)
    found = explain(reference, reference.read(reference.frame.iloc[[2]]))
    assert len(found.columns) in (EXACT_COLUMNS - 1, EXACT_COLUMNS)
    assert (found.method, found.reference_rows) == ("exact", 16)
    assert "16 of 120 training rows" in found.description
    assert found.error < 1e-9


def test_many_columns_are_estimated_with_their_standard_error() -> None:
    reference = make_reference_data(more=15)
    row = reference.read(reference.frame.iloc[[2]])
    found = explain(reference, row)
    assert found.method == "sampled"
    assert "Estimated" in found.description
    assert found.error < 1e-9
    assert found.standard_errors is not None
    assert (found.standard_errors >= 0).all()
    np.testing.assert_array_equal(explain(reference, row).contributions, found.contributions)
    known = ~np.isnan(found.pairs[..., 0])
    assert known.sum() == 8 * 8
    assert len(found.strongest_pairs(count=100)) == 8 * 7 // 2


def test_the_estimate_is_within_its_error_of_the_exact_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = make_reference_data(more=3)
    row = reference.read(reference.frame.iloc[[2]])
    exact = explain(reference, row).contributions
    monkeypatch.setattr("nfm.explanation.shapley.EXACT_COLUMNS", 4)
    found = explain(reference, row)
    assert found.standard_errors is not None
    assert (np.abs(found.contributions - exact) < 4 * found.standard_errors + 1e-9).all()


def test_unseen_and_missing_values_are_explained() -> None:
    reference = make_reference_data()
    strange = reference.frame.iloc[[0]].copy()
    for column in strange.columns:
        strange[column] = None
    strange["cabin"] = "never seen"
    row = reference.read(strange)
    found = explain(reference, row)
    assert found.texts == ("(missing)", "(other)", "(missing)", "(missing)", "(missing)")
    assert found.error < 1e-9
    np.testing.assert_allclose(found.answer, ask(reference, strange)[0])

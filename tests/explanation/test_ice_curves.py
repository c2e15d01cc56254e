"""Profiles, maps and dependences against the bundle's public methods."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.explanation.ice_curves import by_range, heatmap_2d, ice_curves, partial_dependence
from tests.inference.explaining import COMBINATIONS, HOSTILE, ask, make_reference_data, with_cells


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_profiles_are_the_models_answers_for_changed_rows(changes: dict) -> None:
    reference = make_reference_data(**changes)
    frame = reference.frame.iloc[[3]]
    for profile in ice_curves(reference, reference.read(frame)):
        choices = profile.candidates
        row = with_cells(
            frame,
            reference.frame.iloc[choices.rows],
            [name for name in reference.columns if name != choices.column],
        )
        np.testing.assert_allclose(profile.predictions, ask(reference, row), rtol=1e-9, atol=1e-12)


def test_the_column_that_moves_the_answer_furthest_comes_first() -> None:
    reference = make_reference_data()
    found = by_range(ice_curves(reference, reference.read(reference.frame.iloc[[3]])))
    ranges = [profile.range() for profile in found]
    assert ranges == sorted(ranges, reverse=True)
    assert ranges[0] > 0


def test_a_map_agrees_with_asking_the_model() -> None:
    reference = make_reference_data()
    frame = reference.frame.iloc[[3]]
    found = heatmap_2d(reference, reference.read(frame), "port", "fare")
    assert found.predictions.shape == (len(found.first), len(found.second), 1)
    assert found.counts.sum() == len(reference.frame)
    changed = frame.copy()
    changed["port"] = reference.frame["port"].iloc[found.first.rows[1]]
    changed["fare"] = reference.frame["fare"].iloc[found.second.rows[5]]
    assert found.predictions[1, 5, 0] == pytest.approx(ask(reference, changed)[0, 0])
    np.testing.assert_array_equal(found.counts.sum(axis=1), found.first.counts)


def test_a_map_needs_two_columns() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[3]])
    with pytest.raises(ValueError, match="two columns"):
        heatmap_2d(reference, row, "port", "port")


def test_partial_dependence_is_the_average_of_the_curves() -> None:
    reference = make_reference_data()
    found = partial_dependence(reference, HOSTILE)
    sample = reference.frame.iloc[reference.sample]
    for place in (0, 2):
        expected = ask(reference, sample.assign(**{HOSTILE: found.candidates.coordinates[place]}))
        np.testing.assert_allclose(found.curves[:, place], expected)
    np.testing.assert_allclose(found.average, found.curves.mean(axis=0))


def test_in_a_linear_regression_all_curves_run_alike() -> None:
    found = partial_dependence(make_reference_data("regression", interaction="linear"), "fare")
    steps = np.diff(found.curves[..., 0], axis=1)
    np.testing.assert_allclose(steps, np.tile(steps[0], (len(steps), 1)), atol=1e-9)

"""Profiles, maps and dependences against the bundle's public methods."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.explanation.profiles import by_range, dependence, profiles, two_column_map
from tests.inference.explaining import COMBINATIONS, HOSTILE, ask, make_background, with_cells


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_profiles_are_the_models_answers_for_changed_rows(changes: dict) -> None:
    background = make_background(**changes)
    frame = background.frame.iloc[[3]]
    for profile in profiles(background, background.read(frame)):
        choices = profile.choices
        row = with_cells(
            frame,
            background.frame.iloc[choices.rows],
            [name for name in background.columns if name != choices.column],
        )
        np.testing.assert_allclose(profile.answers, ask(background, row), rtol=1e-9, atol=1e-12)


def test_the_column_that_moves_the_answer_furthest_comes_first() -> None:
    background = make_background()
    found = by_range(profiles(background, background.read(background.frame.iloc[[3]])))
    ranges = [profile.range() for profile in found]
    assert ranges == sorted(ranges, reverse=True)
    assert ranges[0] > 0


def test_a_map_agrees_with_asking_the_model() -> None:
    background = make_background()
    frame = background.frame.iloc[[3]]
    found = two_column_map(background, background.read(frame), "port", "fare")
    assert found.answers.shape == (len(found.first), len(found.second), 1)
    assert found.counts.sum() == len(background.frame)
    changed = frame.copy()
    changed["port"] = background.frame["port"].iloc[found.first.rows[1]]
    changed["fare"] = background.frame["fare"].iloc[found.second.rows[5]]
    assert found.answers[1, 5, 0] == pytest.approx(ask(background, changed)[0, 0])
    np.testing.assert_array_equal(found.counts.sum(axis=1), found.first.counts)


def test_a_map_needs_two_columns() -> None:
    background = make_background()
    row = background.read(background.frame.iloc[[3]])
    with pytest.raises(ValueError, match="two columns"):
        two_column_map(background, row, "port", "port")


def test_partial_dependence_is_the_average_of_the_curves() -> None:
    background = make_background()
    found = dependence(background, HOSTILE)
    sample = background.frame.iloc[background.sample]
    for place in (0, 2):
        expected = ask(background, sample.assign(**{HOSTILE: found.choices.coordinates[place]}))
        np.testing.assert_allclose(found.curves[:, place], expected)
    np.testing.assert_allclose(found.average, found.curves.mean(axis=0))
    low, high = found.band()
    assert (low <= found.average).all()
    assert (found.average <= high).all()


def test_in_a_linear_regression_all_curves_run_alike() -> None:
    found = dependence(make_background("regression", interaction="linear"), "fare")
    steps = np.diff(found.curves[..., 0], axis=1)
    np.testing.assert_allclose(steps, np.tile(steps[0], (len(steps), 1)), atol=1e-9)

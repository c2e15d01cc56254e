"""Further seeds: what is trained again, and when a difference is larger than the noise."""

from __future__ import annotations

import pytest

from nfm.settings import Settings
from nfm.settings_search.conclusion import conclusion, optimism_warning
from nfm.settings_search.confirmation import (
    Confirmation,
    confirmation_settings,
    make_confirmation,
)
from nfm.settings_search.study import SearchTrial

FIRST, BEST = Settings(random_state=2**32 - 1), Settings(dropout=0.4)


def trial(number: int, loss: float | None, state="completed", **changed) -> SearchTrial:
    return SearchTrial(number, Settings(**changed), changed, state, loss)


TRIALS = (trial(1, 0.50), trial(2, 0.40, dropout=0.4), trial(3, 0.60, "pruned", dropout=0.1))


def test_both_settings_are_trained_with_two_further_seeds():
    sides = list(confirmation_settings(FIRST, BEST))
    assert [side for side, _ in sides] == ["start", "best"] * 2
    assert [settings.random_state for _, settings in sides] == [0, 1, 1, 2]
    assert {settings.dropout for side, settings in sides if side == "best"} == {0.4}


def test_the_loss_that_was_chosen_is_left_out_of_the_comparison():
    found = make_confirmation(
        0.5, [("start", 0.51), ("best", 0.45), ("start", 0.49), ("best", 0.47)]
    )
    assert found == Confirmation((0.5, 0.51, 0.49), (0.45, 0.47))
    assert found.gain == pytest.approx(0.04)


def test_the_noise_is_two_standard_errors_of_the_gain():
    # Variances of the groups: 1 and 2 in hundredths, with 2 and 1 degrees of freedom.
    found = Confirmation((0.49, 0.50, 0.51), (0.40, 0.42))
    variance = (0.0002 + 0.0002) / 3
    assert found.noise == pytest.approx(2 * (variance * (1 / 3 + 1 / 2)) ** 0.5)
    assert found.confirmed
    assert not Confirmation((0.49, 0.50, 0.51), (0.47, 0.51)).confirmed


def test_without_two_seeds_of_each_there_is_no_comparison():
    assert make_confirmation(0.5, [("start", 0.5), ("start", 0.5), ("best", 0.4)]) is None


@pytest.mark.parametrize(
    ("confirmation", "said"),
    [
        (Confirmation((0.5, 0.51, 0.49), (0.41, 0.41)), "larger than the noise between seeds"),
        (Confirmation((0.5, 0.55, 0.45), (0.45, 0.53)), "the two may be equally good"),
        (Confirmation((0.5, 0.51, 0.49), (0.52, 0.53)), "not better than the first ones"),
        (None, "was not measured"),
    ],
)
def test_the_conclusion_says_whether_the_difference_is_larger_than_the_noise(confirmation, said):
    text = conclusion(TRIALS, confirmation)
    assert "Trial 2 has the lowest validation loss, 0.4000; trial 1" in text
    assert said in text


def test_a_start_that_nothing_beats_is_the_conclusion():
    trials = (trial(1, 0.5), trial(2, 0.5, dropout=0.4), trial(3, None, "failed"))
    assert conclusion(trials, None).startswith("None of 3 trials has a lower validation loss")
    assert "nothing to compare" in conclusion((trial(1, None, "stopped"),), None)


def test_the_warning_counts_the_trials_that_were_compared():
    trials = (*TRIALS, trial(4, None, "failed"))
    text = optimism_warning(trials)
    assert "best of 3 on the same validation rows" in text
    assert "test rows were not used" in text

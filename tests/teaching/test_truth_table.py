"""What each model can learn about lamps: the numbers that the Learn page states."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nfm.teaching.truth_table import input_rows, learn_truth_table, parity

XOR = (False, True, True, False)
TWO_SWITCHES = list(product((False, True), repeat=4))


def test_positions_count_in_binary():
    assert input_rows(2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert parity(2) == XOR
    assert parity(3) == (False, True, True, False, True, False, False, True)


def test_a_linear_model_learns_14_of_the_16_wirings_of_two_switches():
    failed = [lamp for lamp in TWO_SWITCHES if learn_truth_table("linear", lamp).right < 4]
    assert failed == [XOR, tuple(not on for on in XOR)]


def test_an_fm_learns_all_16():
    assert all(learn_truth_table("fm", lamp).right == 4 for lamp in TWO_SWITCHES)


def test_a_linear_model_says_one_half_of_xor():
    learned = learn_truth_table("linear", XOR)
    np.testing.assert_allclose(learned.probabilities, 0.5, atol=1e-9)
    assert learned.right == 0
    assert learned.vectors is None


def test_an_fm_tells_xor_by_vectors_that_point_away_from_each_other():
    learned = learn_truth_table("fm", XOR)
    down_1, up_1, down_2, up_2 = learned.vectors
    assert up_1 @ down_2 > 0 > up_1 @ up_2
    assert down_1 @ up_2 > 0 > down_1 @ down_2
    np.testing.assert_allclose(learned.probabilities, [0, 1, 1, 0], atol=0.05)


@pytest.mark.parametrize("on", [0, 1])
def test_of_three_switches_parity_is_beyond_pairs_but_not_beyond_an_nfm(on):
    lamp = tuple(bool(state) == bool(on) for state in parity(3))
    assert learn_truth_table("linear", lamp).right == 0
    assert learn_truth_table("fm", lamp).right == 0
    assert learn_truth_table("nfm", lamp).right == 8


def test_an_nfm_learns_other_wirings_of_three_switches_too():
    random = np.random.default_rng(1)
    for lamp in random.random((12, 8)) < 0.5:
        assert learn_truth_table("nfm", tuple(bool(on) for on in lamp)).right == 8

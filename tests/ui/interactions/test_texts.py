"""What the Interactions page says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nfm.evaluation.confidence_intervals import Interval
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.explanation.importance import PermutationImportance
from nfm.explanation.pair_importance import PairImportance
from nfm.explanation.pair_strengths import LevelPairTable, PairStrengths
from nfm.figures.labels import prediction_axis
from nfm.tabular.target import Target
from nfm.ui.interactions import texts

TARGET = Target(name="t", task="binary", classes=("*no*", "yes"), counts=(30, 10))
ROWS = HeldOutPredictions(TARGET, "test", np.arange(8), np.zeros(8, int), np.zeros((8, 2)))


def importance(means: list[float], low: list[float]) -> PermutationImportance:
    values = np.array(means)
    ends = np.stack([np.array(low), values + 0.1], axis=1)
    names = ("a", "**b**", "c")
    return PermutationImportance(names, values[:, None], ends, 0.5, 8, "log loss, in nats")


def levels(effect: list[list[float]], counts: list[list[int]]) -> LevelPairTable:
    first = SimpleNamespace(column="x*", texts=("low", "high"))
    second = SimpleNamespace(column="y", texts=("1", "<2>"))
    effects = np.array(effect)[..., None]
    return LevelPairTable(first, second, effects, effects, np.array(counts), "log odds")  # type: ignore[arg-type]


def worth(low: float, increase: float, high: float) -> PairImportance:
    table = levels([[0.2, -0.2], [-0.2, 0.2]], [[9, 9], [9, 9]])
    return PairImportance(table, increase, Interval(low, high), 0.5, 8)


def test_the_column_that_matters_most_is_named_first_with_its_figures() -> None:
    said = texts.columns_sentence(importance([0.01, 0.3, 0.1], [-0.1, 0.2, 0.05]), ROWS)
    assert said.startswith("**\\*\\*b\\*\\* matters most**")
    assert "on 8 test rows from 0.5 to 0.8" in said
    assert said.endswith("Next: **c**.")
    card = texts.column_card(importance([0.01, 0.3, 0.1], [-0.1, 0.2, 0.05]))
    assert (card.value, card.note) == ("\\*\\*b\\*\\*", "error +0.3 if shuffled")


def test_where_no_column_is_beyond_noise_it_says_so() -> None:
    found = importance([0.01, 0.02, 0.0], [-0.1, -0.1, -0.1])
    assert "No column matters more than chance" in texts.columns_sentence(found, ROWS)
    assert texts.column_card(found).value == "No column"
    assert "Grey: indistinguishable from noise (3 columns)" in texts.permutation_caption(
        found, ROWS
    )


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ((0.1, 0.2, 0.3), "It helps on unseen rows:** without it the error on unseen rows would "),
        ((-0.1, 0.1, 0.3), "This is indistinguishable from noise"),
        ((-0.3, -0.2, -0.1), "It is noise that the model learned"),
    ],
)
def test_the_strongest_pair_is_judged_by_unseen_rows(ends, verdict) -> None:
    strengths = PairStrengths(("x*", "y"), np.array([[0, 0.2], [0.2, 0]])[..., None], "log odds")
    said = texts.pair_sentence(strengths, (worth(*ends),), 0)
    assert said.startswith("The strongest pair is **x\\* × y**: ")
    assert "±0.2, root mean square (log odds)" in said
    assert verdict in said
    assert f"would be {0.5 + ends[1]:.3g} instead of 0.5" in said
    assert "No rows were held out" in texts.pair_sentence(strengths, (), 0)
    helps = int(ends[0] > 0)
    assert texts.noise_card((worth(*ends),)).value == f"{helps} of 1"


def test_pairs_of_no_effect_are_no_pairs() -> None:
    strengths = PairStrengths(("a", "b"), np.zeros((2, 2, 1)), "log odds")
    assert "No two columns act together" in texts.pair_sentence(strengths, (), 0)
    assert texts.pair_card(strengths, 0).value == "None"
    nothing = levels([[0.0, 0.0], [0.0, 0.0]], [[9, 9], [9, 9]])
    assert "add nothing" in texts.effect_sentence(nothing, TARGET, 0)


def test_cells_of_few_rows_are_not_the_headline() -> None:
    table = levels([[9.0, -0.3], [-0.5, 0.2]], [[1, 40], [40, 40]])
    said = texts.effect_sentence(table, TARGET, 0)
    assert said.startswith("**x\\* × y** acts on the log odds of t = yes:")
    assert "raises it most for **x\\* = high with y = \\<2>** (+0.2, 40 rows)" in said
    assert "lowers it most for **x\\* = high with y = 1** (−0.5, 40 rows)" in said
    assert "covers 121 of 200 rows" in texts.coverage(table, 200)
    assert "covers" not in texts.coverage(table, 121)


def test_the_spread_of_single_rows_is_told() -> None:
    curves = np.array([[0.1, 0.5], [0.2, 0.4], [0.3, 0.3]])
    said = texts.spread_sentence(curves, prediction_axis(TARGET), "c_1")
    assert "moves by **20.0 points**" in said
    assert "between +4.0 and +36.0 points" in said
    assert "only one value" in texts.spread_sentence(curves[:, :1], prediction_axis(TARGET), "c")

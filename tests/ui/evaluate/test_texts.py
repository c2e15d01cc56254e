"""What the Evaluate page says."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.evaluation.calibration import CalibrationTest
from nfm.evaluation.confidence_intervals import Interval
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.evaluation.scores import Score, scores_of
from nfm.evaluation.slices import Slice
from nfm.evaluation.thresholds import ConfusionCounts, ThresholdCurve
from nfm.tabular.target import Target
from nfm.ui.evaluate import texts


def evaluation(rows: int = 100, part: str = "test", left_out: int = 0) -> HeldOutPredictions:
    labels = np.arange(rows) % 4 // 3  # a quarter is positive
    predictions = np.where(labels[:, None] == [0, 1], 0.9, 0.1)
    target = Target(name="t", task="binary", classes=("*no*", "yes"), counts=(30, 10))
    return HeldOutPredictions(target, part, np.arange(rows), labels, predictions, left_out)


def difference(low: float, value: float, high: float) -> Score:
    return Score(value, np.linspace(low, high, 1001))


def test_figures_are_written_with_their_units():
    assert texts.show_value("accuracy", 0.8214) == "82.1%"
    assert texts.show_value("auc", 0.8) == "0.800"
    assert texts.show_value("mae", 12345.6) == "12,346"
    assert texts.show_interval("accuracy", Interval(0.75, 0.875)) == "75.0 to 87.5%"
    assert texts.show_interval("auc", None) is None


@pytest.mark.parametrize(
    ("name", "samples", "said"),
    [
        ("accuracy", (0.1, 0.2, 0.3), "**better than trees by 20.0 points** (10.5 to 29.5 points)"),
        ("accuracy", (-0.3, -0.2, -0.1), "**worse than trees by 20.0 points** (10.5 to 29.5"),
        ("log_loss", (-0.3, -0.2, -0.1), "**better than trees by 0.200** (0.105 to 0.295)"),
        ("rmse", (1.0, 2.0, 3.0), "**worse than trees by 2.00** (1.05 to 2.95)"),
        ("mae", (-0.0115, -0.006, -0.0005), "**better than trees by 0.0060** (0.0008 to 0.0112)"),
        ("auc", (-0.1, 0.02, 0.1), "the difference from trees, 0.020, is smaller than the noise"),
        ("auc", (0.0, 0.0, 0.0), "no better than trees"),
    ],
)
def test_verdict_says_better_worse_or_noise(name, samples, said):
    assert said in texts.verdict(name, difference(*samples), "trees")


def test_verdict_without_draws_claims_nothing():
    assert "too few rows to say" in texts.verdict("auc", Score(0.1, np.empty(0)), "trees")


def test_model_is_compared_with_the_majority():
    rows = evaluation()
    said = texts.against_guessing(rows, scores_of(rows), scores_of(rows.constant()))
    assert "correct for 100 of 100 rows" in said
    assert r"always guessing **\*no\***, the majority, is correct for 75.0%" in said
    assert "better than guessing by 25.0 points" in said


def test_validation_rows_are_shown_with_a_caution():
    assert "used neither for training nor for choosing the best epoch" in texts.which_rows(
        evaluation()
    )
    said = texts.which_rows(evaluation(part="validation"))
    assert "Caution" in said
    assert "100 validation rows" in said


def test_few_rows_and_rows_left_out_are_said():
    assert texts.cautions(evaluation()) == []
    assert "12 rows are very few" in texts.cautions(evaluation(12))[0]
    assert (
        "1 row of the table could not be evaluated and is left out"
        in (texts.cautions(evaluation(left_out=1))[0])
    )


def test_decisions_are_told_in_counts():
    said = texts.decisions_sentence(ConfusionCounts(7, 2, 3, 8), "*x*", 0.4)
    start = (
        r"At a threshold of 0.40, the model predicts **\*x\*** for 9 rows; 7 of them are correct"
    )
    assert said.startswith(start)
    assert "misses 3 of the 10" in said
    assert "never predicts" in texts.decisions_sentence(ConfusionCounts(0, 0, 3, 8), "x", 0.9)


def test_least_cost_names_its_threshold_or_that_nothing_is_predicted():
    positive = np.array([True, True, False, False])
    threshold_curve = ThresholdCurve.of(positive, np.array([1.0, 0.3, 0.6, 0.5]))
    said = texts.cost_sentence(threshold_curve, 0.5, 1, 1, "*x*")
    assert "cost **3** in all" in said
    assert "The lowest cost on these rows, 1, is at 1.00." in said
    said = texts.cost_sentence(threshold_curve, 0.5, 9, 1, "*x*")
    assert "1, is at 1.00." in said
    threshold_curve = ThresholdCurve.of(~positive, np.array([1.0, 0.3, 0.6, 0.5]))
    said = texts.cost_sentence(threshold_curve, 0.5, 9, 1, "*x*")
    assert r"2, is reached by never predicting \*x\*." in said


def test_miscalibration_is_said_only_beyond_noise():
    off = CalibrationTest(0.1, 0.04, 0.08, 0.03)
    said = texts.calibration_sentence(off, "*x*")
    assert "differ by 10.0 points, but chance explains at most 4.0" in said
    assert "not calibrated" in said
    assert r"probability of \*x\* is too high by 8.0 points" in said
    assert "too high" not in texts.calibration_sentence(off, "")
    noise = CalibrationTest(0.1, 0.12, 0.08, 0.09)
    said = texts.calibration_sentence(noise, "x")
    assert "no more than chance" in said
    assert "not calibrated" not in said
    assert "too high" not in said


def test_confidence_is_judged_only_beyond_noise():
    over = texts.confidence_sentence(CalibrationTest(0.1, 0.1, 0.1, 0.05), 0.9)
    assert "probability of 90.0% on average, and is correct for 80.0% of the rows" in over
    assert "over-confident" in over
    under = texts.confidence_sentence(CalibrationTest(0.1, 0.1, -0.1, 0.05), 0.7)
    assert "correct for 80.0%" in under
    assert "under-confident" in under
    noise = texts.confidence_sentence(CalibrationTest(0.1, 0.1, 0.1, 0.11), 0.9)
    assert "confident" not in noise
    assert "chance explains" in noise


def test_worst_slices_are_named_or_their_absence_is():
    found = (Slice("a*b*", "<i>", 30, 0.4, Interval(0.3, 0.5)),)
    said = texts.worst_sentence(found, 0.2, percent=True, columns=7)
    assert r"**a\*b\* = \<i>** (40% of 30 rows)" in said
    assert "overall (20%)" in said
    assert "value of 7 columns was tested, and the test allows for that" in said
    assert "(0.4 on 30 rows)" in texts.worst_sentence(found, 0.2, percent=False, columns=7)
    nothing = texts.worst_sentence((), 0.2, percent=True, columns=100, left_out=20)
    assert "stands out" in nothing
    assert "the first 100 columns (20 more were not searched)" in nothing


def test_draws_that_all_agree_are_no_interval():
    assert texts.show_interval("auc", Interval(1.0, 1.0)) is None
    assert texts.show_interval("auc", Interval(0.9, 1.0)) == "0.900 to 1.000"


def test_one_row_is_not_spoken_of_in_the_plural():
    rows = evaluation(1)
    assert "for 1 of 1 row;" in texts.against_guessing(
        rows, scores_of(rows), scores_of(rows.constant())
    )
    decisions = ConfusionCounts(1, 0, 0, 3)
    assert "It misses 0 of the 1 row whose class is yes." in texts.decisions_sentence(
        decisions, "yes", 0.5
    )
    worst = Slice("town", "Ulm", 1, 1.0, None)
    said = texts.worst_sentence((worst,), 0.2, columns=2, left_out=1, percent=True)
    assert "(100% of 1 row)" in said
    assert "1 more was not searched" in said

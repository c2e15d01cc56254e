"""Learning curves."""

from __future__ import annotations

from nfm.epoch import Epoch, Metrics
from nfm.figures.learning_curve_data import (
    describe_curves,
    epoch_limit,
    measure_title,
    scores,
    smooth,
)


def test_smoothing_is_a_moving_average_whose_first_value_is_as_it_is():
    assert smooth([(1, 4.0), (2, 1.0)], 0.5) == [(1, 4.0), (2, 2.0)]
    assert smooth([(1, 4.0), (2, 1.0)], 0.0) == [(1, 4.0), (2, 1.0)]


def test_axis_stands_still_while_the_curve_grows():
    limits = [epoch_limit(trained, 10_000, finished=False) for trained in range(1, 400)]
    assert limits[0] == 50
    assert len(set(limits)) <= 5
    assert all(limit >= trained for trained, limit in enumerate(limits, start=1))


def test_axis_ends_with_the_plan_or_the_last_epoch():
    assert epoch_limit(3, 30, finished=False) == 30
    assert epoch_limit(14, 30, finished=True) == 14
    assert epoch_limit(1, 1, finished=True) == 2


def test_task_names_the_loss():
    assert measure_title("loss", "binary") == "Log loss"
    assert measure_title("loss", "regression") == "Squared error (standardised)"
    assert measure_title("loss", "regression", "€", "huber") == "Huber loss (standardised)"
    assert measure_title("loss", "binary", regression_loss="huber") == "Log loss"
    assert measure_title("mae", "regression", "€") == "Mean absolute error (€)"


def test_each_task_has_two_scores():
    assert scores("multiclass") == ("accuracy", "auc")
    assert scores("regression") == ("r2", "mae")


def test_curves_are_described_by_their_ends_and_the_best_epoch():
    epochs = [
        Epoch(number, Metrics(loss), Metrics(loss + 0.1), 1e-3, 1.0, 1.0, best)
        for number, loss, best in ((1, 0.5, True), (2, 0.25, True), (3, 0.3, False))
    ]
    assert describe_curves(epochs, "loss", "Log loss") == (
        "Log loss by epoch: after epoch 3, training 0.3 and validation 0.4; "
        "at the best epoch, 2, validation 0.35"
    )
    assert describe_curves([], "auc", "AUC") == "AUC by epoch"
    assert describe_curves(epochs, "auc", "AUC") == "AUC by epoch"

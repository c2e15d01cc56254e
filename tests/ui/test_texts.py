"""Sentences about runs and numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from nfm.epoch import Epoch, Metrics
from nfm.jobs.runs import LiveRun
from nfm.jobs.worker.run_commands import RunCommands
from nfm.settings import Settings
from nfm.ui import texts


def epoch(number, *, best=True, seconds=None):
    return Epoch(number, Metrics(0.5), Metrics(0.6), 1e-3, seconds or number * 0.5, 100.0, best)


EPOCHS = tuple(epoch(number, best=number <= 4) for number in range(1, 8))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (7.25, "7.25"),
        (512.3292, "512.3"),
        (2007.0, "2007"),
        (9999.9, "10,000"),
        (12345.6, "12,346"),
        (0.000123456, "0.0001235"),
        (math.nan, "missing"),
    ],
)
def test_numbers_are_short(value, text):
    assert texts.short_number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (3.4, "3 s"),
        (89, "89 s"),
        (200, "3 min"),
        (7500, "2 h 5 min"),
        (2e5, "2 days 8 h"),
    ],
)
def test_spans_of_time_are_said_as_people_say_them(seconds, text):
    assert texts.duration(seconds) == text


def test_progress_tells_epoch_share_and_time_left():
    share, text = texts.progress(EPOCHS, Settings(epochs=28))
    assert share == pytest.approx(0.25)
    assert text == "Epoch 7 of 28 · about 10 s left"


def test_members_stop_early_one_by_one_and_keep_their_own_epochs():
    notice = texts.outcome("early_stopped", None, EPOCHS, Settings(patience=3, members=4))
    assert "no member's validation loss had fallen for 3 epochs" in notice.text
    assert "Each of the 4 members is from its own best epoch" in notice.text
    one = texts.outcome("early_stopped", None, EPOCHS, Settings(members=4, linear_term="shared"))
    assert "member" not in one.text


def test_progress_before_the_first_epoch():
    assert texts.progress((), Settings(epochs=1500)) == (0.0, "Epoch 0 of 1,500 · starting")


def test_progress_of_the_last_epoch_promises_no_time():
    assert texts.progress(EPOCHS, Settings(epochs=7)) == (1.0, "Epoch 7 of 7")


def test_early_stopping_names_patience_and_the_epoch_that_is_kept():
    notice = texts.outcome("early_stopped", None, EPOCHS, Settings(patience=3))
    assert notice.tone == "success"
    assert "after 7 epochs" in notice.text
    assert "not fallen for 3 epochs" in notice.text
    assert "epoch 4, the best" in notice.text


def test_without_early_stopping_the_last_epoch_is_kept():
    notice = texts.outcome("completed", None, EPOCHS, Settings(early_stopping=False))
    assert "epoch 7, the last" in notice.text


def test_stop_before_the_first_epoch_leaves_no_model():
    assert "no model" in texts.outcome("stopped", None, (), Settings()).text


@pytest.mark.parametrize("status", ["diverged", "failed", "interrupted"])
def test_bad_ends_are_errors_and_give_their_reason(status):
    notice = texts.outcome(status, "Lower the learning rate.", EPOCHS, Settings())
    assert notice.tone == "error"
    assert notice.text.endswith("Lower the learning rate.")


def test_an_interrupted_run_says_that_its_model_was_kept():
    kept = texts.outcome("interrupted", "It was killed.", EPOCHS, Settings(), has_model=True)
    assert kept.text.endswith("It was killed. Its last saved model was kept.")
    lost = texts.outcome("interrupted", None, EPOCHS, Settings())
    assert lost.text.endswith("Train again.")


def test_all_ends_read_differently():
    ends = (
        "completed",
        "early_stopped",
        "stopped",
        "cancelled",
        "diverged",
        "interrupted",
        "failed",
    )
    said = {texts.outcome(end, None, EPOCHS, Settings()).text.split("**")[1] for end in ends}
    assert len(said) == len(ends)


def test_waiting_says_what_for():
    assert "warming up" in texts.queue_status(ready=False, queue_position=1)
    assert texts.queue_status(ready=True, queue_position=1) == "Starting …"
    assert texts.queue_status(ready=True, queue_position=2) == "Waiting: 1 run ahead of yours."


def test_figures_of_classes_show_the_gain_over_the_baseline():
    figures = texts.result_metrics(Metrics(0.4, accuracy=0.8, auc=0.9), accuracy=0.62)
    assert [figure.name for figure in figures] == ["Accuracy", "AUC", "Log loss"]
    assert figures[0].gain == "+18.0 points"


def test_figures_of_numbers_count_a_smaller_error_as_better():
    figures = texts.result_metrics(Metrics(0.2, mae=2.5, r2=0.8), mae=6.0)
    assert [figure.name for figure in figures] == [
        "Mean error (MAE)",
        "R²",
        "Squared error (standardised)",
    ]
    assert figures[0].gain == "−3.5"
    assert figures[0].lower_is_better


def test_loss_of_numbers_has_the_name_of_the_loss_that_was_trained():
    measured = Metrics(0.2, mae=2.5, r2=0.8)
    loss = texts.result_metrics(measured, regression_loss="huber")[-1]
    assert loss.name == "Huber loss (standardised)"
    assert "Beyond 0.5 of them, an error counts in proportion." in loss.explanation
    # A single test row has no R².
    [*_, loss] = texts.result_metrics(Metrics(0.2, mae=2.5))
    assert loss.name == "Squared error (standardised)"


def test_a_pause_does_not_make_the_time_left_longer():
    steady = [epoch(number, seconds=float(number)) for number in range(1, 8)]
    paused = [*steady[:-1], replace(steady[-1], seconds=3600.0)]
    assert texts.seconds_left(steady, 17) == pytest.approx(10)
    assert texts.seconds_left(paused, 17) == pytest.approx(10)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_time_left_is_promised_while_only_compilation_was_timed(count):
    """Of a first epoch of 8 seconds and others of 0.1, the first says nothing of what follows."""
    first = [epoch(number, seconds=8 + 0.1 * (number - 1)) for number in range(1, 5)]
    assert texts.progress(first[:count], Settings(epochs=100))[1] == f"Epoch {count} of 100"
    assert texts.progress(first, Settings(epochs=104))[1] == "Epoch 4 of 104 · about 10 s left"


def test_two_long_epochs_are_enough_for_the_time_left():
    slow = [epoch(1, seconds=70.0), epoch(2, seconds=130.0)]
    assert texts.progress(slow, Settings(epochs=62))[1] == "Epoch 2 of 62 · about 60 min left"


def test_slow_motion_is_part_of_the_time_left():
    text = texts.progress(EPOCHS, Settings(epochs=27), epochs_per_second=0.5)[1]
    assert text == "Epoch 7 of 27 · about 40 s left"


def test_activity_names_what_an_active_run_does():
    live = LiveRun("a", "running", EPOCHS)
    pause = RunCommands(pause_after=0)
    states = [
        replace(live, status="queued"),
        live,
        replace(live, commands=pause),
        replace(live, commands=pause, paused=True),
        replace(live, commands=RunCommands(pause_after=8), paused=True),
        replace(live, commands=pause.stopped(), paused=True),
    ]
    assert [texts.run_state(state) for state in states] == [
        "Waiting …",
        "Training …",
        "Pausing …",
        "Paused",
        "Training …",
        "Stopping …",
    ]


def test_speeds_have_names():
    assert [texts.speed_name(speed) for speed in (0.5, 2.0, math.inf)] == [
        "0.5 epoch/s",
        "2 epochs/s",
        "Full speed",
    ]

"""What a screen reader says of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nfm.epoch import Epoch, Metrics
from nfm.jobs.runs import LiveRun
from nfm.jobs.worker.run_commands import RunCommands
from nfm.settings import Settings
from nfm.ui.train.run_panel import SECONDS_BETWEEN_ANNOUNCEMENTS, next_announcement

SETTINGS = Settings(epochs=100)
WAITING = LiveRun("a", "queued", queue_position=1)
QUEUED_BEHIND = LiveRun("a", "queued", queue_position=3)


def training(count: int, **more) -> LiveRun:
    metrics = Metrics(loss=0.5, accuracy=0.8, auc=0.9)
    epochs = tuple(
        Epoch(number, metrics, metrics, 1e-3, float(number), 100.0, True)
        for number in range(1, count + 1)
    )
    return LiveRun("a", "running", epochs, **more)


def said(*states: tuple[LiveRun, float]) -> list[str]:
    """Return the sentences that a screen reader says as a run goes through some states."""
    spoken, texts = None, []
    for live, time in states:
        spoken = next_announcement(live, SETTINGS, spoken, time, ready=True)
        if not texts or texts[-1] != spoken.text:
            texts.append(spoken.text)
    return texts


def test_each_state_is_said_once():
    paused = RunCommands(pause_after=2)
    assert said(
        (QUEUED_BEHIND, 0.0),
        (WAITING, 1.0),
        (training(0), 2.0),
        (training(2, commands=paused, paused=True), 3.0),
        (training(2, commands=paused, paused=True), 30.0),
    ) == [
        "Waiting: 2 runs ahead of yours.",
        "Starting …",
        "Epoch 0 of 100, starting.",
        "Paused after epoch 2 of 100; validation accuracy 80.0%.",
    ]


@pytest.mark.parametrize("count", [0, 2])
def test_no_sentence_has_an_ellipsis_before_its_end(count):
    waits = [RunCommands(pause_after=0), RunCommands(pause_after=count + 1), RunCommands(stop=True)]
    sentences = said(*((training(count, commands=commands), 0.0) for commands in waits))
    assert [sentence.split(";")[0].rstrip(".") for sentence in sentences] == [
        "Pausing",
        f"Training epoch {count + 1}, then pausing",
        "Stopping",
    ]
    assert all(sentence.endswith(".") and "…" not in sentence for sentence in sentences)


def test_progress_is_said_only_now_and_then():
    states = [(training(count), 0.3 * count) for count in range(1, 70)]
    sentences = said(*states)
    assert len(sentences) == 1 + int(0.3 * 68 / SECONDS_BETWEEN_ANNOUNCEMENTS)
    assert sentences[0] == "Epoch 1 of 100; validation accuracy 80.0%."
    assert sentences[1] == "Epoch 35 of 100, about 65 s left; validation accuracy 80.0%."


def test_end_says_the_result_and_the_page_says_how_it_ended():
    ended = replace(training(3), status="completed", test_metrics=Metrics(0.4, accuracy=0.75))
    assert said((ended, 0.0)) == ["Accuracy on the test rows: 75.0%."]
    assert said((replace(ended, status="failed", test_metrics=None), 0.0)) == [""]


def test_another_run_is_news():
    other = replace(training(5), id="b")
    assert len(said((training(4), 0.0), (other, 0.1))) == 2

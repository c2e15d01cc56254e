"""Pausing, stepping and slowing down, without a worker."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest

from nfm.jobs.worker.run_commands import CommandInbox, RunCommands
from nfm.jobs.worker.run_control import RunControl
from nfm.jobs.worker.time_sliced_lock import TimeSlicedLock


class Trainee:
    """A training of two calls an epoch in a thread of its own, which does as it is told."""

    def __init__(self, commands: RunCommands, epochs: int = 1000, **arguments) -> None:
        self.inbox, self.lock = CommandInbox(), TimeSlicedLock(seconds=0)
        self.inbox.begin("run", commands)
        self.pauses: list[bool] = []
        self.rates: list[float] = []
        self.calls = 0
        self.epochs = 0
        self.obedience = RunControl(
            "run",
            self.inbox,
            self.lock,
            on_wait=self.pauses.append,
            on_learning_rate=self.rates.append,
            **arguments,
        )
        self._planned = epochs
        self.thread = threading.Thread(target=self._train, daemon=True)
        self.thread.start()

    def _train(self) -> None:
        with self.lock.turn():
            while self.epochs < self._planned:
                for _call in range(2):
                    if self.obedience.should_stop():
                        return
                    self.calls += 1
                self.epochs += 1
                self.obedience.epoch_done(self.epochs)

    def tell(self, change: Callable[[RunCommands], RunCommands]) -> None:
        self.inbox.give("run", change(self.inbox.commands("run")))

    def end(self) -> None:
        self.tell(RunCommands.stopped)
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def paused(eventually) -> Trainee:
    """A training that has paused before its first step."""
    trainee = Trainee(RunCommands().paused())
    eventually(lambda: trainee.pauses == [True])
    return trainee


def test_a_step_trains_one_epoch_and_waits_again(paused, eventually):
    for epoch in (1, 2, 3):
        paused.tell(lambda commands: commands.stepped(paused.epochs))
        eventually(lambda: paused.pauses == [True, False] * epoch + [True])  # noqa: B023
        assert (paused.epochs, paused.calls) == (epoch, 2 * epoch)
    paused.end()
    assert paused.epochs == 3


def test_two_steps_asked_for_at_once_are_two_epochs(paused, eventually):
    paused.tell(lambda commands: commands.stepped(0).stepped(0))
    eventually(lambda: paused.pauses == [True, False, True])
    assert paused.epochs == 2
    paused.end()


def test_a_paused_training_leaves_its_turn_to_others(paused):
    with paused.lock.turn():
        pass
    paused.tell(RunCommands.resumed)
    paused.thread.join(30)
    assert paused.epochs == 1000


def test_a_stop_ends_a_pause(paused):
    paused.end()
    assert paused.epochs == 0
    assert not paused.obedience.was_forgotten


def test_a_pause_that_nobody_ends_ends_by_itself():
    trainee = Trainee(RunCommands().paused(), longest_pause=0.01)
    trainee.thread.join(30)
    assert trainee.obedience.was_forgotten
    assert trainee.epochs == 0


def test_a_slow_training_waits_between_epochs_only_and_lets_others_compute(eventually):
    trainee = Trainee(RunCommands().at_speed(1 / 3600))
    eventually(lambda: trainee.epochs == 1)
    with trainee.lock.turn():
        assert trainee.calls == 2
    trainee.tell(lambda commands: commands.at_speed(math.inf))
    trainee.thread.join(30)
    assert trainee.epochs == 1000
    assert trainee.pauses == []


def test_a_slow_training_stops_at_once(eventually):
    trainee = Trainee(RunCommands().at_speed(1 / 3600))
    eventually(lambda: trainee.epochs == 1)
    trainee.end()
    assert trainee.epochs == 1


def test_a_new_learning_rate_is_told_once(paused, eventually):
    paused.tell(lambda commands: commands.at_learning_rate(0.5))
    eventually(lambda: paused.rates == [0.5])
    paused.tell(lambda commands: commands.stepped(0))
    eventually(lambda: paused.epochs == 1)
    paused.end()
    assert paused.rates == [0.5]

"""Pausing, stepping and slowing down, and sharing the time, without a worker."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest

from nfm.jobs.worker.engine_lease import Lease
from nfm.jobs.worker.run_commands import CommandInbox, RunCommands
from nfm.jobs.worker.run_control import RunControl, TimeSlicedLock


class Trainee:
    """A training of two calls an epoch in a thread of its own, which does as it is told."""

    def __init__(self, commands: RunCommands, epochs: int = 1000, lease=None, **arguments) -> None:
        self.inbox, self.lock = CommandInbox(), TimeSlicedLock(seconds=0)
        self.inbox.register("run", commands)
        self.lease = lease or Lease()
        self.pauses: list[bool] = []
        self.rates: list[float] = []
        self.calls = 0
        self.epochs = 0
        self.control = RunControl(
            "run",
            self.inbox,
            self.lease,
            self.lock,
            on_pause=self.pauses.append,
            on_learning_rate=self.rates.append,
            **arguments,
        )
        self._planned = epochs
        self.thread = threading.Thread(target=self._train, daemon=True)
        self.thread.start()

    def _train(self) -> None:
        with self.lock:
            while self.epochs < self._planned:
                for _call in range(2):
                    if self.control.should_stop():
                        return
                    self.calls += 1
                self.epochs += 1
                self.control.epoch_done(self.epochs)

    def tell(self, change: Callable[[RunCommands], RunCommands]) -> None:
        self.inbox.put("run", change(self.inbox.commands("run")))

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
    with paused.lock:
        pass
    paused.tell(RunCommands.resumed)
    paused.thread.join(30)
    assert paused.epochs == 1000


def test_a_stop_ends_a_pause(paused):
    paused.end()
    assert paused.epochs == 0
    assert not paused.control.pause_timed_out


def test_a_pause_that_nobody_ends_ends_by_itself():
    trainee = Trainee(RunCommands().paused(), longest_pause=0.01)
    trainee.thread.join(30)
    assert trainee.control.pause_timed_out
    assert trainee.epochs == 0


class EndedLease(Lease):
    """The lease of an engine that is gone."""

    ended = True


@pytest.mark.parametrize("commands", [RunCommands(), RunCommands().paused()])
def test_a_training_whose_engine_is_gone_ends_paused_or_not(commands: RunCommands):
    trainee = Trainee(commands, lease=EndedLease())
    trainee.thread.join(30)
    assert not trainee.thread.is_alive()
    assert trainee.control.abandoned
    assert trainee.epochs == 0


def test_a_slow_training_waits_between_epochs_only_and_lets_others_compute(eventually):
    trainee = Trainee(RunCommands().at_speed(1 / 3600))
    eventually(lambda: trainee.epochs == 1)
    with trainee.lock:
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


class Diary:
    """Who computed, in order; notes whoever was not alone."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self._inside = 0

    def compute(self, name: str) -> None:
        self._inside += 1
        assert self._inside == 1
        self.entries.append(name)
        self._inside -= 1


def start(*works: Callable[[], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_who_passes_on_waits_for_the_others_one_turn():
    lock, diary = TimeSlicedLock(seconds=0), Diary()
    second_waits = threading.Event()

    def first() -> None:
        with lock:
            threads.extend(start(second))
            second_waits.wait(30)
            while lock.waiting == 0:
                pass
            for _ in range(3):
                diary.compute("first")
                lock.yield_slice()

    def second() -> None:
        second_waits.set()
        with lock:
            for _ in range(3):
                diary.compute("second")
                lock.yield_slice()

    threads: list[threading.Thread] = []
    join(start(first))
    join(threads)

    assert diary.entries == ["first", "second"] * 3


def test_a_turn_is_kept_while_nobody_waits():
    lock = TimeSlicedLock(seconds=0)
    with lock:
        lock.yield_slice()
        lock.yield_slice()


def test_a_turn_is_kept_until_its_time_is_over():
    lock, diary = TimeSlicedLock(seconds=3600), Diary()
    with lock:
        threads = start(lambda: take_once(lock, diary, "other"))
        while lock.waiting == 0:
            pass
        lock.yield_slice()
        diary.compute("holder")
    join(threads)
    assert diary.entries == ["holder", "other"]


def take_once(lock: TimeSlicedLock, diary: Diary, name: str) -> None:
    with lock:
        diary.compute(name)


def test_a_turn_that_fails_is_given_back():
    lock, diary = TimeSlicedLock(), Diary()
    try:
        with lock:
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    join(start(lambda: take_once(lock, diary, "next")))
    assert diary.entries == ["next"]


def test_only_one_of_many_computes_at_a_time():
    lock, diary = TimeSlicedLock(seconds=0), Diary()

    def work() -> None:
        with lock:
            for _ in range(200):
                diary.compute("somebody")
                lock.yield_slice()

    join(start(*[work] * 8))
    assert len(diary.entries) == 1600

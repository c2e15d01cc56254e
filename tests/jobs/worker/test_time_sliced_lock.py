from __future__ import annotations

import threading
from collections.abc import Callable

from nfm.jobs.worker.time_sliced_lock import Turns


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
    turns, diary = Turns(seconds=0), Diary()
    second_waits = threading.Event()

    def first() -> None:
        with turns.turn():
            threads.extend(start(second))
            second_waits.wait(30)
            while turns.waiting == 0:
                pass
            for _ in range(3):
                diary.compute("first")
                turns.pass_on()

    def second() -> None:
        second_waits.set()
        with turns.turn():
            for _ in range(3):
                diary.compute("second")
                turns.pass_on()

    threads: list[threading.Thread] = []
    join(start(first))
    join(threads)

    assert diary.entries == ["first", "second"] * 3


def test_a_turn_is_kept_while_nobody_waits():
    turns = Turns(seconds=0)
    with turns.turn():
        turns.pass_on()
        turns.pass_on()


def test_a_turn_is_kept_until_its_time_is_over():
    turns, diary = Turns(seconds=3600), Diary()
    with turns.turn():
        threads = start(lambda: take_once(turns, diary, "other"))
        while turns.waiting == 0:
            pass
        turns.pass_on()
        diary.compute("holder")
    join(threads)
    assert diary.entries == ["holder", "other"]


def take_once(turns: Turns, diary: Diary, name: str) -> None:
    with turns.turn():
        diary.compute(name)


def test_a_turn_that_fails_is_given_back():
    turns, diary = Turns(), Diary()
    try:
        with turns.turn():
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    join(start(lambda: take_once(turns, diary, "next")))
    assert diary.entries == ["next"]


def test_only_one_of_many_computes_at_a_time():
    turns, diary = Turns(seconds=0), Diary()

    def work() -> None:
        with turns.turn():
            for _ in range(200):
                diary.compute("somebody")
                turns.pass_on()

    join(start(*[work] * 8))
    assert len(diary.entries) == 1600

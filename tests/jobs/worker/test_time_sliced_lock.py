from __future__ import annotations

import threading
from collections.abc import Callable

from nfm.jobs.worker.time_sliced_lock import TimeSlicedLock


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
        with lock.turn():
            threads.extend(start(second))
            second_waits.wait(30)
            while lock.waiting == 0:
                pass
            for _ in range(3):
                diary.compute("first")
                lock.yield_turn()

    def second() -> None:
        second_waits.set()
        with lock.turn():
            for _ in range(3):
                diary.compute("second")
                lock.yield_turn()

    threads: list[threading.Thread] = []
    join(start(first))
    join(threads)

    assert diary.entries == ["first", "second"] * 3


def test_a_turn_is_kept_while_nobody_waits():
    lock = TimeSlicedLock(seconds=0)
    with lock.turn():
        lock.yield_turn()
        lock.yield_turn()


def test_a_turn_is_kept_until_its_time_is_over():
    lock, diary = TimeSlicedLock(seconds=3600), Diary()
    with lock.turn():
        threads = start(lambda: take_once(lock, diary, "other"))
        while lock.waiting == 0:
            pass
        lock.yield_turn()
        diary.compute("holder")
    join(threads)
    assert diary.entries == ["holder", "other"]


def take_once(lock: TimeSlicedLock, diary: Diary, name: str) -> None:
    with lock.turn():
        diary.compute(name)


def test_a_turn_that_fails_is_given_back():
    lock, diary = TimeSlicedLock(), Diary()
    try:
        with lock.turn():
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    join(start(lambda: take_once(lock, diary, "next")))
    assert diary.entries == ["next"]


def test_only_one_of_many_computes_at_a_time():
    lock, diary = TimeSlicedLock(seconds=0), Diary()

    def work() -> None:
        with lock.turn():
            for _ in range(200):
                diary.compute("somebody")
                lock.yield_turn()

    join(start(*[work] * 8))
    assert len(diary.entries) == 1600

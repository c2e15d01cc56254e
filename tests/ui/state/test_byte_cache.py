from __future__ import annotations

import sys
import threading
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from nfm.ui.state.byte_cache import LONGEST_UNUSED, ByteCache, byte_count, kept


def test_a_result_is_computed_once():
    cache, calls = ByteCache(), []
    for _ in range(3):
        assert cache.get("a", lambda: calls.append(1) or "result") == "result"
    assert calls == [1]


def test_the_least_recently_used_results_are_dropped_by_their_bytes():
    cache = ByteCache(limit=300)
    for key in "abc":
        cache.get(key, lambda: bytes(100))
        cache.get("a", lambda: None)
    assert "a" in cache
    assert "b" not in cache
    assert "c" in cache
    assert cache.bytes == 2 * sys.getsizeof(bytes(100))


def test_many_small_results_stay():
    cache = ByteCache(limit=20_000)
    for number in range(200):
        cache.get(number, lambda: bytes(40))
    assert len(cache) == 200


def test_a_result_larger_than_the_limit_is_kept_alone():
    cache = ByteCache(limit=10)
    cache.get("small", lambda: b"12345")
    cache.get("large", lambda: b"1" * 100)
    assert "large" in cache
    assert len(cache) == 1


def test_threads_that_want_the_same_result_wait_for_it():
    cache, calls, entered, go_on = ByteCache(), [], threading.Event(), threading.Event()

    def compute():
        calls.append(1)
        entered.set()
        assert go_on.wait(60)
        return "result"

    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get("a", compute)))]
    threads[0].start()
    assert entered.wait(60)
    threads.append(threading.Thread(target=lambda: found.append(cache.get("a", compute))))
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert found == ["result", "result"]
    assert calls == [1]


def test_what_raises_is_not_kept():
    cache = ByteCache()
    with pytest.raises(ValueError, match="no"):
        cache.get("a", lambda: (_ for _ in ()).throw(ValueError("no")))
    assert cache._computing == {}
    assert cache.get("a", lambda: 1) == 1


@dataclass(frozen=True)
class Model:
    version: str
    frame: pd.DataFrame


def test_bytes_of_an_object_are_those_of_its_arrays_and_tables():
    frame = pd.DataFrame({"a": np.zeros(1000)})
    model = Model("1", frame)
    inside = [model, model.__dict__, "1", "version", "frame"]
    expected = sum(map(sys.getsizeof, inside)) + frame.memory_usage(deep=True).sum()
    assert byte_count(model) == expected
    assert byte_count((model, np.zeros(10)), shared=[model]) == 80 + sys.getsizeof((1, 2))
    array = np.zeros(100)
    assert byte_count([array, array[:50]]) == 800 + sys.getsizeof([1, 2])


def test_a_count_is_about_what_python_allocates():
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = {f"key {number}": (float(number), [str(number)]) for number in range(1_000)}
    allocated = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert byte_count(held) == pytest.approx(allocated, rel=0.2)


def test_what_the_first_user_computes_within_a_result_is_counted():
    cache, result = ByteCache(), {"a": np.zeros(10)}
    cache.get("a", lambda: result)
    before = cache.bytes
    result["more"] = np.zeros(1_000)
    cache.get("a", lambda: None)
    assert cache.bytes >= before + 8_000


def test_results_that_nobody_uses_are_dropped_after_a_while():
    now = 0.0
    cache = ByteCache(clock=lambda: now)
    cache.get("left", lambda: bytes(100))
    cache.get("used", lambda: bytes(100))
    now = LONGEST_UNUSED - 1
    cache.get("used", lambda: None)
    assert "left" in cache
    now = LONGEST_UNUSED + 1
    cache.get("used", lambda: None)
    assert "left" not in cache
    assert "used" in cache
    assert cache.bytes == sys.getsizeof(bytes(100))


def test_results_are_kept_by_the_version_of_a_model():
    calls: list[tuple[str, int]] = []

    @kept()
    def answer(model: Model, number: int) -> int:
        calls.append((model.version, number))
        return number

    frame = pd.DataFrame()
    for _ in range(2):
        answer(Model("first", frame), 1)
        answer(Model("second", frame), 1)
        answer(Model("first", frame), 2)
    assert calls == [("first", 1), ("second", 1), ("first", 2)]

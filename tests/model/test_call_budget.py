from __future__ import annotations

import numpy as np
import pytest

from nfm.model.call_budget import CallBudget, automatic_batch_size, batch_bounds


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(1, 32), (712, 32), (20_000, 128), (200_000, 512), (10**6, 1024), (10**8, 4096)],
)
def test_automatic_batch_size_grows_with_the_table(rows: int, expected: int) -> None:
    assert automatic_batch_size(rows) == expected


def test_last_batch_takes_what_is_left() -> None:
    assert batch_bounds(70, 32).tolist() == [0, 32, 64, 70]
    assert batch_bounds(64, 32).tolist() == [0, 32, 64]
    assert batch_bounds(5, 32).tolist() == [0, 5]


def test_a_trailing_row_joins_the_batch_before_it_where_two_are_needed() -> None:
    assert batch_bounds(65, 32, smallest=2).tolist() == [0, 32, 65]
    assert batch_bounds(66, 32, smallest=2).tolist() == [0, 32, 64, 66]
    assert batch_bounds(1, 32, smallest=2).tolist() == [0, 1]


def test_batches_of_one_row_become_batches_of_two_where_two_are_needed() -> None:
    assert batch_bounds(5, 1, smallest=2).tolist() == [0, 2, 5]


def test_calls_grow_until_they_take_about_half_a_second() -> None:
    bounds = batch_bounds(10**6, 100)
    pace = CallBudget()
    first, lengths = 0, []
    for _ in range(6):
        last = pace.last_batch(bounds, first)
        rows = int(bounds[last] - bounds[first])
        pace.record(rows, rows / 200_000)
        lengths.append(rows / 200_000)
        first = last
    assert lengths[0] < 0.1
    assert lengths[-1] == pytest.approx(0.4, rel=0.05)


def test_calls_shrink_when_the_machine_slows_down() -> None:
    bounds = batch_bounds(10**6, 100)
    pace = CallBudget()
    pace.record(8000, 4.0)
    assert pace.last_batch(bounds, 0) == 8


def test_a_call_takes_at_least_one_batch_and_ends_with_the_epoch() -> None:
    bounds = batch_bounds(50_000, 20_000)
    pace = CallBudget()
    assert pace.last_batch(bounds, 0) == 1
    pace.record(8000, 1e-4)
    assert pace.last_batch(bounds, 1) == 3


def test_bounds_are_32_bit_integers() -> None:
    assert batch_bounds(100, 10).dtype == np.int32

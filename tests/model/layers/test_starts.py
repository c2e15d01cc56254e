"""Seeds, starts and penalties."""

from __future__ import annotations

from nfm.model.layers.starts import derived_seed, penalty


def test_seeds_differ_by_part_and_by_seed_and_repeat() -> None:
    seeds = [derived_seed(seed, part) for seed in (0, 1, 2**32 - 1) for part in ("a", "b")]
    assert len(set(seeds)) == 6
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert derived_seed(1, "a") == seeds[2]


def test_no_penalty_costs_nothing() -> None:
    assert penalty(0) is None

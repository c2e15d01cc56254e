"""Selects rows: some of many, or a part of a split (stratified, by group, copies together)."""

from __future__ import annotations

import numpy as np

_GROUP_TRIALS = 20


def some_rows(count: int, most: int) -> np.ndarray:
    """Return positions of `count` rows, int64, ascending: all, or always the same random `most`."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))


def select_stratified(strata: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Select positions at random, the same share of each stratum (largest remainders).

    Args:
        strata: Stratum of each row, non-negative integers (rows,).
        count: Number of rows to select.
        generator: Random numbers.

    Returns:
        Positions, int64 (count,), ascending.
    """
    members = renumber(strata)
    sizes = np.bincount(members)
    # Two rows of each stratum remain: a class of one row cannot be learned.
    quota = _quotas(sizes, np.maximum(sizes - 2, 0), count, generator)
    order = generator.permutation(len(strata))
    order = order[np.argsort(members[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    used = np.flatnonzero(quota)
    parts = [order[starts[each] : starts[each] + quota[each]] for each in used]
    chosen = np.concatenate([order[:0], *parts])
    if len(chosen) < count:  # hardly anything but strata of one or two rows
        others = np.setdiff1d(np.arange(len(strata)), chosen, assume_unique=True)
        chosen = np.append(chosen, generator.permutation(others)[: count - len(chosen)])
    return np.sort(chosen)


def select_stratified_copies(
    units: np.ndarray, strata: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Select whole sets of copies: about `count` rows, the same share of each stratum.

    A set belongs to the rarest stratum among its rows. One set of several rows, or two rows, of
    each stratum remain unselected.

    Args:
        units: Set of copies of each row, non-negative integers (rows,).
        strata: Stratum of each row, non-negative integers (rows,).
        count: Number of rows to select.
        generator: Random numbers.

    Returns:
        Positions, int64, ascending.
    """
    members, classes = renumber(units).astype(np.int64), renumber(strata).astype(np.int64)
    sizes = np.bincount(members)
    if len(sizes) < 2:
        return np.arange(0)
    rarity = np.argsort(np.argsort(np.bincount(classes), kind="stable"))
    stratum = np.full(len(sizes), len(rarity))
    np.minimum.at(stratum, members, rarity[classes])
    stratum = renumber(stratum).astype(np.int64)

    # The sets in random order by stratum; `ends` counts rows within a stratum.
    order = generator.permutation(len(sizes))
    order = order[np.argsort(stratum[order], kind="stable")]
    ordered, size = stratum[order], sizes[order]
    rows = np.bincount(stratum, weights=sizes).astype(np.int64)
    number = np.bincount(stratum)
    last = np.cumsum(number) - 1
    ends = np.cumsum(size) - (np.cumsum(rows) - rows)[ordered]
    stays = np.zeros(len(order), dtype=bool)
    stays[last] = True
    stays[last[(number > 1) & (size[last] == 1)] - 1] = True
    kept = np.bincount(ordered, weights=size * stays).astype(np.int64)
    quota = _quotas(rows, rows - kept, count, generator)

    taken = ends <= quota[ordered]
    # Single rows fill what is short; else the next set does, if the result is nearer.
    short = quota - np.bincount(ordered, weights=size * taken, minlength=len(rows)).astype(np.int64)
    single = ~taken & ~stays & (size == 1)
    before = np.cumsum(single) - single
    first = np.searchsorted(ordered, np.arange(len(rows)))
    fills = single & (before - before[first][ordered] < short[ordered])
    taken |= fills
    short -= np.bincount(ordered[fills], minlength=len(rows))
    following = first + np.bincount(ordered, weights=taken & ~fills, minlength=len(rows)).astype(
        int
    )
    following = following[(short > 0) & (following <= last)]
    nearer = size[following] <= 2 * short[ordered[following]]
    taken[following[nearer & ~stays[following]]] = True
    if not taken.any():  # every set is larger than the part: take the smallest
        taken[np.argmin(size + len(units) * stays)] = True
    chosen = np.zeros(len(sizes), dtype=bool)
    chosen[order[taken]] = True
    return np.flatnonzero(chosen[members])


def select_latest_copies(units: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """Select about `count` latest rows, without separating copies of the same time.

    Args:
        units: Set of copies of each row, (rows,).
        order: Increases with time, float (rows,).
        count: Number of rows to select.

    Returns:
        Positions, int64, by time.
    """
    ascending = np.lexsort((units, order))
    sets = np.stack([order[ascending], units[ascending]])
    begins = np.flatnonzero(np.append(True, (sets[:, 1:] != sets[:, :-1]).any(axis=0)))
    if len(begins) < 2:
        return ascending[:0]
    wanted = len(order) - count
    return ascending[begins[1:][np.abs(begins[1:] - wanted).argmin()] :]


def select_groups(
    groups: np.ndarray, strata: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Select whole groups: about `count` rows, about the same share of each stratum.

    The best of twenty random selections is taken, by the distance of its counts to the shares.

    Args:
        groups: Group of each row, non-negative integers (rows,).
        strata: Stratum of each row, non-negative integers (rows,).
        count: Number of rows to select.
        generator: Random numbers.

    Returns:
        Positions, int64, ascending.
    """
    members, classes = renumber(groups), renumber(strata)
    number, width = int(members.max()) + 1, int(classes.max()) + 1
    if number < 2:
        return np.arange(0)
    sizes = np.bincount(members)
    ideal = np.bincount(classes, minlength=width) * (count / len(groups))
    best, best_distance = np.arange(0), np.inf
    for _ in range(_GROUP_TRIALS):
        order = generator.permutation(number)
        reached = np.cumsum(sizes[order])
        last = int(np.abs(reached[:-1] - count).argmin()) + 1  # one group is left over
        chosen = np.isin(members, order[:last])
        counts = np.bincount(classes[chosen], minlength=width)
        distance = float(np.abs(counts - ideal).sum())
        if distance < best_distance:
            best, best_distance = np.flatnonzero(chosen), distance
    return best


def _quotas(
    sizes: np.ndarray, room: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Return how many of `count` rows to take from each stratum (largest remainders).

    Args:
        sizes: Number of rows in each stratum, (S,).
        room: Maximum number of rows to take from each, (S,).
        count: Number of rows to take.
        generator: Decides between equal remainders.

    Returns:
        int64 (S,).
    """
    ideal = sizes * (count / sizes.sum())
    quota = np.minimum(np.floor(ideal).astype(np.int64), room)
    shuffled = generator.permutation(len(sizes))
    by_need = shuffled[np.argsort(-(ideal - quota)[shuffled], kind="stable")]
    while quota.sum() < min(count, room.sum()):
        open_strata = by_need[quota[by_need] < room[by_need]]
        quota[open_strata[: count - quota.sum()]] += 1
    return quota


def renumber(codes: np.ndarray) -> np.ndarray:
    """Renumber codes without gaps, in their order and in the smallest integer type.

    Args:
        codes: Non-negative integers (rows,), not much larger than the number of rows.
    """
    occurs = np.bincount(codes) > 0
    places = np.cumsum(occurs) - 1
    return places.astype(np.min_scalar_type(len(places)))[codes]

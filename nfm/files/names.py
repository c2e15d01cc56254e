"""Column names of a table: always text, all different."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def unique_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or "name (2)", "name (3)", ... if it is taken already."""
    taken = set(taken)
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def with_text_names(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with column names that are text and differ from each other.

    Args:
        frame: Any table; names may be numbers, tuples or repeated.

    Returns:
        The same frame if its names are fine, else a shallow copy. A second "a" becomes "a (2)".
    """
    if frame.columns.is_unique and all(type(name) is str for name in frame.columns):
        return frame
    names = [str(name) for name in frame.columns]
    repeated = set(names)  # a new name must differ from original ones that come later
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            names[position] = unique_name(name, repeated | seen)
        seen.add(names[position])
    renamed = frame.copy(deep=False)
    renamed.columns = pd.Index(names)
    return renamed

"""Cells that hold a list of values, such as Action|Adventure: the separator, and the items."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import numpy as np

SEPARATORS = ("|", ";", ",")

# At least this share of the rows with a value must hold two items or more.
_LISTED_SHARE = 0.1
# Items are short: on average at most so many characters, and so many words.
_LONGEST_ITEM = 30
_MOST_WORDS = 3
# "[a, b]" is what Python and JSON write for a list; its items may be quoted.
_BRACKETS = re.compile(r"\[(.*)\]", re.DOTALL)
_BRACKETED_ITEM = re.compile(r"""'([^']*)'|"([^"]*)"|([^,'"]+)""")


def find_separator(levels: np.ndarray, counts: np.ndarray) -> str | None:
    """Find the separator of a column's lists, by fixed rules.

    Cells are lists if at least a tenth of them have two items or more, the items are short, and
    they recur: fewer items than different cells, or half as many for a comma without brackets,
    which also divides "Smith, John" and "Austin, TX".

    Args:
        levels: The column's different cells as text, objects (levels,).
        counts: Number of rows with each, int64 (levels,).

    Returns:
        The separator, the one in most rows if several would do; None if the cells are not lists.
    """
    shares = {}
    bracketed = all(_BRACKETS.fullmatch(level) for level in levels)
    for separator in SEPARATORS:
        several = np.array([separator in level for level in levels], dtype=bool)
        share = float(counts[several].sum() / max(counts.sum(), 1))
        most = len(levels) / (2 if separator == "," and not bracketed else 1)
        if share >= _LISTED_SHARE and several.sum() > 1 and _recur(levels, separator, most):
            shares[separator] = share
    return max(shares, key=lambda separator: shares[separator], default=None)


def _recur(levels: Iterable[str], separator: str, most: float) -> bool:
    """Return whether the cells have fewer than `most` different items, and these are short."""
    items: set[str] = set()
    for level in levels:
        items.update(split_items(level, separator))
        if len(items) >= most:
            return False
    words = np.mean([len(item.split()) for item in items])
    return bool(words <= _MOST_WORDS and np.mean([len(item) for item in items]) <= _LONGEST_ITEM)


def split_items(text: str, separator: str) -> tuple[str, ...]:
    """Return the different items of a cell, in their order.

    Args:
        text: The cell: items with the separator between them, or, whatever the separator, a list
            as Python or JSON writes it: ['a', 'b'].
        separator: The column's separator.

    Returns:
        The items without surrounding blanks; () for a cell without any.
    """
    listed = _BRACKETS.fullmatch(text.strip())
    if listed is None:
        parts: Iterable[str] = text.split(separator)
    else:
        try:
            values = json.loads(listed[0], parse_int=str, parse_float=str)
            parts = [
                each if isinstance(each, str) else json.dumps(each)
                for each in values
                if each is not None
            ]
        except (ValueError, RecursionError):  # Python's list, say, whose quotes are single
            parts = ("".join(found) for found in _BRACKETED_ITEM.findall(listed[1]))
    return tuple(dict.fromkeys(item for part in parts if (item := part.strip())))


def join_items(values: Iterable[str], separator: str = "|") -> str:
    """Write values as the cell from which `split_items` returns them again.

    Args:
        values: The values; blanks around them, blank ones and repetitions are left out.
        separator: The column's separator.

    Returns:
        The values with the separator between them, or a JSON list if they contain it; "" for
        none.
    """
    items = tuple(dict.fromkeys(item for value in values if (item := value.strip())))
    text = (f"{separator} " if separator == "," else separator).join(items)
    if split_items(text, separator) == items:
        return text
    return json.dumps(items, ensure_ascii=False)

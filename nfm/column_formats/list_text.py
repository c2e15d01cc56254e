"""Cells that hold a list of values, such as Action|Adventure: the separator, and the items."""

from __future__ import annotations

import ast
import contextlib
import csv
import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nfm.column_formats.typed_columns import number_text

SEPARATORS = ("|", ";", ",")

# At least this share of the rows with a value must hold two items or more.
_LISTED_SHARE = 0.1
# Items are short: on average at most so many characters, and so many words.
_LONGEST_ITEM = 30
_MOST_WORDS = 3
# A list as programs write it: ["a", "b"] in JSON; ['a', 'b'], ('a', 'b') and {'a', 'b'} in Python;
# ['a' 'b'] and [1 2] in NumPy; and {a,b} in PostgreSQL, or [a, b], without quotes.
_BRACKETS = re.compile(r"\[(.*)\]|\((.*)\)|\{(.*)\}", re.DOTALL)
_QUOTED = r"""(?:'[^'\\]*'|"[^"\\]*")"""
# The items of a list that Python wrote, escapes included.
_ESCAPE = r"""\\['"\\abfnrtvxuU0-7]"""
_LITERAL = (
    rf"""(?:'[^'\\]*(?:{_ESCAPE}[^'\\]*)*'|"[^"\\]*(?:{_ESCAPE}[^"\\]*)*"|None|True|False"""
    r"|-?[\d.]+(?:e[-+]?\d+)?)"
)
_LITERALS = re.compile(rf"{_LITERAL}(?:\s*,\s*{_LITERAL})*(?:\s*,)?")
_QUOTED_ITEMS = re.compile(rf"\s*{_QUOTED}(?:[\s,]+{_QUOTED})*[\s,]*")
_NUMBERS = re.compile(r"\s*[-+]?\d[\d.e+-]*(?:[\s,]+[-+]?\d[\d.e+-]*)*[\s,]*")
_WITHOUT_QUOTES = re.compile(r"[\[{]([^\[\]{}]*)[\]}]")
_OBJECTS = re.compile(r"[\[({]\s*[\[({]")


def find_separator(levels: np.ndarray, counts: np.ndarray) -> str | None:
    """Find the separator of a column's lists, by fixed rules.

    Cells are lists if at least a tenth of them have two items or more, the items are short, and
    they recur: fewer items than different cells, or half as many for a comma without brackets,
    which also divides "Smith, John" and "Austin, TX". Cells that all have the same number of items
    are the parts of one value, such as a name or a route, whose order matters.

    Args:
        levels: The column's different cells as text, objects (levels,).
        counts: Number of rows with each, int64 (levels,).

    Returns:
        The separator, the one in most rows if several would do; None if the cells are not lists.
    """
    if any(_OBJECTS.match(level) for level in levels):
        return None
    listed = [_written_list(level) is not None for level in levels]
    bracketed = all(_BRACKETS.fullmatch(level) for level in levels)
    shares = {}
    for separator in SEPARATORS:
        several = np.array(
            [
                ("," if is_listed else separator) in level
                for level, is_listed in zip(levels, listed, strict=True)
            ],
            dtype=bool,
        )
        share = float(counts[several].sum() / max(counts.sum(), 1))
        most = len(levels) / (2 if separator == "," and not bracketed else 1)
        if share >= _LISTED_SHARE and several.sum() > 1 and _recur(levels, separator, most):
            shares[separator] = share
    return max(shares, key=lambda separator: shares[separator], default=None)


def _recur(levels: Iterable[str], separator: str, most: float) -> bool:
    """Return whether cells of various lengths have fewer than `most` items, which are short."""
    items: set[str] = set()
    sizes: set[int] = set()
    for level in levels:
        found = _divided(level, separator)
        items.update(found)
        sizes.update([len(found)] if found else [])
        if len(items) >= most:
            return False
    if len(sizes) == 1:
        return False
    words = np.mean([len(item.split()) for item in items])
    return bool(words <= _MOST_WORDS and np.mean([len(item) for item in items]) <= _LONGEST_ITEM)


def split_items(text: str, separator: str) -> tuple[str, ...]:
    """Return the distinct items of a cell, in order of appearance.

    Args:
        text: The cell: items with the separator between them, or, whatever the separator, a list
            as a program writes it: ["a", "b"].
        separator: The column's separator.

    Returns:
        The items without surrounding blanks; () for a cell without any.
    """
    return tuple(dict.fromkeys(_divided(text, separator)))


def _divided(text: str, separator: str) -> list[str]:
    """Return the items of a cell, also one that occurs twice."""
    parts = _written_list(text)
    if parts is None and separator == ",":
        parts = _cut(_without_brackets(text.strip()), ",")
        # The same item alone and among others: "[a]" and "b, [a]".
        parts = [
            _without_brackets(part.strip()) if "[" in part or "{" in part else part
            for part in parts
        ]
    elif parts is None:
        parts = _cut(text, separator)
    return [item for part in parts if (item := part.strip())]


def _cut(text: str, separator: str) -> list[str]:
    """Cut a text at its separators, but not within quotes around a whole item: red,"dark grey"."""
    ends = re.escape(separator)
    quoted = re.search(rf'(?:^|{ends})\s*"[^"]*"\s*(?:{ends}|$)', text)
    if quoted is None or "\n" in text or "\r" in text:
        return text.split(separator)
    (items,) = csv.reader([text], delimiter=separator, skipinitialspace=True)
    return items


def _without_brackets(text: str) -> str:
    found = _WITHOUT_QUOTES.fullmatch(text)
    return text if found is None else found[1]


def _written_list(text: str) -> list[str] | None:
    """Return the items of a list that a program wrote; None if the text is something else."""
    brackets = _BRACKETS.fullmatch(text.strip())
    if brackets is None:
        return None
    inner = next(group for group in brackets.groups() if group is not None)
    if not inner.strip():
        return []
    if _QUOTED_ITEMS.fullmatch(inner):
        return [quoted[1:-1] for quoted in re.findall(_QUOTED, inner)]
    if brackets[1] is not None and _NUMBERS.fullmatch(inner):
        return [_number_item(each) for each in re.split(r"[\s,]+", inner.strip(" \t\r\n,"))]
    try:
        values = json.loads(brackets[0])
    except (ValueError, RecursionError):
        if not _LITERALS.fullmatch(inner.strip()):
            return None
        try:
            values = ast.literal_eval(brackets[0])
        except (ValueError, SyntaxError):  # such as half of an escape
            return None
    if not is_list(values) or any(isinstance(each, dict) or is_list(each) for each in values):
        return None
    return item_texts(values)


def _number_item(text: str) -> str:
    """Write a number as `item_texts` does; digits, which may be a code, stay as they are."""
    if text.lstrip("+-").isdigit():
        return text.lstrip("+")
    with contextlib.suppress(ValueError):
        return number_text(float(text)) or text
    return text


def is_list(value: Any) -> bool:
    """Return whether a cell of a DataFrame is a list, tuple, set or array of values."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, list | tuple | set | frozenset)


def item_texts(values: Any) -> list[str]:
    """Return the text of each item of a list, as it is written in a text file.

    Args:
        values: A list, tuple, set or array of text, numbers or Booleans; missing ones are left
            out. Those of a set, which has no order, are sorted.

    Returns:
        The texts: "2" for 2 and 2.0, "true" for True.
    """
    texts = [text for value in values if (text := _item_text(value))]
    return sorted(texts) if isinstance(values, set | frozenset) else texts


def _item_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if is_list(value) or isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | float | np.integer | np.floating):
        return number_text(value) or ""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None or pd.isna(value) else str(value)


def list_text(values: Any) -> str:
    """Write a list as the text of a cell, which every column's separator divides alike.

    Args:
        values: As for `item_texts`.

    Returns:
        A JSON list of texts, such as ["Action", "Adventure"]; "" for a list without any item.
    """
    items = [item for text in item_texts(values) if (item := text.strip())]
    return json.dumps(items, ensure_ascii=False) if items else ""


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
    return text if split_items(text, separator) == items else list_text(items)

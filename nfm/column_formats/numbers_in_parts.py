"""Text that looks like decimal numbers but is two whole numbers with a point between them.

Versions (3.9, 3.10), chapters (1.1 to 1.14), months of a year (2019.1 to 2019.12) and periods with
their year (004.2022). Read as numbers, 3.10 would be 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.number_text import all_match

_SHORT_PARTS = r"^\d{1,4}\.(0|[1-9]\d?)$"
_PERIOD = r"^\d{1,3}\.(19|20)\d\d$"
_MONTH = r"^(0?[1-9]|1[0-2])\.(19|20)\d\d$"
_MONTH_OF_TWO_DIGITS = r"^\d\d\."
# Of fewer cells, all may happen to look like this.
_FEWEST = 20
# Looked at first, since the columns of large files are long.
_HEAD = 200
_FEWEST_MINORS = 3
_ONE_OR_TWO_DECIMALS = re.compile(r"\d+\.(?:0|[1-9]\d?)")


def are_months(cells: pa.ChunkedArray) -> bool:
    """Return whether all cells are months such as 03.2024 or, in many cells, 3.2024.

    Args:
        cells: Trimmed text, null where missing.
    """
    if not all_match(cells.slice(0, _HEAD), _MONTH) or not all_match(cells, _MONTH):
        return False
    return _are_many(cells) or all_match(cells, _MONTH_OF_TWO_DIGITS)


def are_two_counts(cells: pa.ChunkedArray) -> bool:
    """Return whether the cells are two counts, such as versions, and not decimal numbers.

    What follows the point is then a period's year in every cell; or it counts without gaps from
    below two to above nine, without zeros in front.

    Args:
        cells: Trimmed text, null where missing.
    """
    if not _are_many(cells):
        return False
    head = cells.slice(0, _HEAD)
    if all_match(head, _PERIOD):
        return all_match(cells, _PERIOD)
    if not all_match(head, _SHORT_PARTS) or not all_match(cells, _SHORT_PARTS):
        return False
    texts = pc.unique(cells).drop_null().to_pylist()
    counts = {int(text.partition(".")[2]) for text in texts}
    gaps = max(counts) - min(counts) + 1 - len(counts)
    return not gaps and min(counts) < 2 and max(counts) > 9


def like_versions(texts: Iterable[str]) -> tuple[str, str] | None:
    """Return two texts whose order or difference is lost if they are versions; None for none.

    They are one number, such as 3.1 and 3.10; or what follows the point goes on from 9 to 10
    without a gap, as in 3.8, 3.9 and 3.10, and 3.10 would be less than 3.9. None also if the texts
    are evidently decimal numbers: signed ones, or 1.05.

    Args:
        texts: Different texts of a column of numbers.
    """
    known = set(texts)
    if not all(map(_ONE_OR_TWO_DECIMALS.fullmatch, known)):
        return None
    longer = (text for text in sorted(known) if text.endswith("0") and text[:-1] in known)
    if same := next(((text[:-1], text) for text in longer), None):
        return same
    parts: dict[str, set[int]] = {}
    for text in known:
        major, _, minor = text.partition(".")
        parts.setdefault(major, set()).add(int(minor))
    for major, minors in sorted(parts.items()):
        goes_on = {9, 10} <= minors and len(minors) >= _FEWEST_MINORS
        if goes_on and max(minors) - min(minors) + 1 == len(minors):
            return f"{major}.9", f"{major}.10"
    return None


def _are_many(cells: pa.ChunkedArray) -> bool:
    return len(cells) - cells.null_count >= _FEWEST

"""Names of the files that people take away."""

from __future__ import annotations

import re

_LENGTH = 60
_UNSAFE = re.compile(r"[^\w]+")


def file_name(*parts: str, ending: str) -> str:
    """Make a file's name of people's words: no path, no blanks, no character that is special.

    Args:
        parts: Such as the table's name and the run's.
        ending: Without a dot.
    """
    words = (_UNSAFE.sub("-", part).strip("-_").lower() for part in parts)
    stem = "-".join(word for word in words if word)[:_LENGTH].strip("-_")
    return f"{stem or 'nfm'}.{ending}"


def stem(name: str) -> str:
    """Return a file's name without its endings: "train" of "train.csv.gz"."""
    return re.sub(r"(\.[A-Za-z0-9]{1,8}){1,2}$", "", name) or name

"""Names of the files that the Predict page offers."""

from __future__ import annotations

import re

_LENGTH = 60
_UNSAFE = re.compile(r"[^\w]+")


def file_name(*parts: str, ending: str) -> str:
    """Build a file name from free text: no path, blanks or special characters.

    Args:
        parts: For example the names of the table and the run.
        ending: File extension without the dot.

    Returns:
        Lower-case words joined by "-"; "nfm" if none are left.
    """
    words = (_UNSAFE.sub("-", part).strip("-_").lower() for part in parts)
    joined = "-".join(word for word in words if word)[:_LENGTH].strip("-_")
    return f"{joined or 'nfm'}.{ending}"


def stem(name: str) -> str:
    """Return a file's name without its extensions: "train" for "train.csv.gz"."""
    return re.sub(r"(\.[A-Za-z0-9]{1,8}){1,2}$", "", name) or name

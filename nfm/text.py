"""Words for messages: numbers of things, lists of names, shortened text."""

from __future__ import annotations

from collections.abc import Sequence


def clipped(text: str, length: int) -> str:
    """Cut a text to `length` characters, the last of them "…" where anything is cut off."""
    return text if len(text) <= length else text[: length - 1] + "…"


def quote(text: str, length: int = 40) -> str:
    """Write a cell of somebody's table between quotes, clipped to `length` characters."""
    return repr(clipped(text, length))


def shorten(text: object, length: int = 28) -> str:
    """Shorten a text to one line for a label, or for a canvas that reads no markup.

    Args:
        text: Anything; its text is shown, runs of white space as one space.
        length: Characters at most; longer texts end in "…".
    """
    return clipped(" ".join(str(text).split()), length)


def full_stop(sentence: str) -> str:
    """End a sentence with a full stop, unless it ends in one or in an ellipsis already."""
    return sentence if sentence.endswith((".", "…", "!", "?")) else f"{sentence}."


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Write a number of things: "1 line", "2,000 lines".

    Args:
        count: How many.
        noun: What one of them is called.
        plural: What several are called; `noun` with an s by default.
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def quoted(names: Sequence[str], limit: int = 10) -> str:
    """List names for a sentence: 'a', 'b' and 3 more.

    Args:
        names: What is listed, each between quotes and at most 80 characters long.
        limit: How many are named.
    """
    shown = ", ".join(quote(name, 80) for name in names[:limit])
    more = len(names) - limit
    return f"{shown} and {more:,} more" if more > 0 else shown


def megabytes(count: int) -> str:
    """Write a number of bytes as people read it: "200 MB", "64 kB" or "12 bytes"."""
    if count >= 2**20:
        return f"{count / 2**20:,.0f} MB"
    return f"{count / 2**10:,.0f} kB" if count >= 2**10 else f"{count:,} bytes"

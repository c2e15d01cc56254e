"""Text for messages: counted nouns, lists of names, shortened text."""

from __future__ import annotations

from collections.abc import Sequence

# Characters that no reader sees: NUL, soft hyphens, spaces without a width, marks of the direction
# of writing, byte order marks. Programs write them around numbers, dates and words.
INVISIBLE = (
    "\x00\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def clipped(text: str, length: int) -> str:
    """Cut a text to at most `length` characters; a text that was cut ends in "…"."""
    return text if len(text) <= length else text[: length - 1] + "…"


def quote(text: str, length: int = 40) -> str:
    """Put the text of a cell in quotes, clipped to `length` characters."""
    return repr(clipped(text, length))


def shorten(text: object, length: int = 28) -> str:
    """Shorten a text to one line for a label.

    Args:
        text: Any object; each run of white space in its text becomes one space.
        length: Maximum number of characters; longer texts end in "…".
    """
    return clipped(" ".join(str(text).split()), length)


def full_stop(sentence: str) -> str:
    """End a sentence with a full stop, unless it already ends in ".", "…", "!" or "?"."""
    return sentence if sentence.endswith((".", "…", "!", "?")) else f"{sentence}."


def counted(count: int, noun: str) -> str:
    """Write a number with its noun: "1 line", "2,000 lines".

    Args:
        count: The number.
        noun: The noun in the singular; its plural ends in s.
    """
    return f"{count:,} {noun if count == 1 else noun + 's'}"


def quoted(names: Sequence[str], limit: int = 10) -> str:
    """List names in a sentence: 'a', 'b' and 3 more.

    Args:
        names: The names; each is put in quotes and clipped to 80 characters.
        limit: Maximum number of names that are written out.
    """
    shown = ", ".join(quote(name, 80) for name in names[:limit])
    more = len(names) - limit
    return f"{shown} and {more:,} more" if more > 0 else shown


def megabytes(count: int) -> str:
    """Write a number of bytes in a readable unit: "200 MB", "64 kB" or "12 bytes"."""
    if count >= 2**20:
        return f"{count / 2**20:,.0f} MB"
    return f"{count / 2**10:,.0f} kB" if count >= 2**10 else f"{count:,} bytes"


def of_rows(count: int, rows: int) -> str:
    """Say how many of a table's rows are meant: "3 of 1,200 rows"."""
    return f"{count:,} of {rows:,} rows"

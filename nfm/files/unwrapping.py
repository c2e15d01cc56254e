"""Undo what programs write around the lines of a table: quotes, and lines of dashes."""

from __future__ import annotations

import re

from nfm.files.unpacking import Data
from nfm.text import counted

_SAMPLE = 64 << 10
_FEWEST_LINES = 3
_QUOTED_LINE = re.compile(rb'"(?:[^"\r\n]|"")*"')
_DELIMITERS = (b",", b";", b"\t", b"|")
# +----+-----+. Possessive, so that a long line that is none takes no time.
_RULE = re.compile(rb"(?m)^[ \t]*+\+(?=[-+= ]{0,100}---)[-+= ]*+(?=\r?$)")


def unwrapped(text: Data) -> tuple[Data, tuple[str, ...]]:
    """Return a delimited text without quotes around whole lines, and without lines of dashes.

    A file gets such quotes when a spreadsheet has read each line as one cell and saved it. Tables
    that a database has printed begin with a line of dashes. Both cannot be read as they are, so no
    table changes that was read before. Empty lines stand in the place of those that are left out.

    Args:
        text: The text in UTF-8.

    Returns:
        The text, and what was left out, one sentence each.
    """
    lines = bytes(text[:_SAMPLE]).splitlines()
    if len(text) > _SAMPLE:
        lines = lines[:-1]
    filled = [line for line in lines if line.strip()]
    if filled and _RULE.match(filled[0]):
        text, count = _RULE.subn(b"", bytes(text))
        return text, (f"Left out {counted(count, 'line')} of dashes.",)
    if not _are_quoted_lines(filled):
        return text, ()
    text = re.sub(
        rb'(?m)^"((?:[^"\r\n]|"")*)"(?=\r?$)',
        lambda line: line[1].replace(b'""', b'"'),
        bytes(text),
    )
    return text, ("Removed the quotes around every line of the file.",)


def _are_quoted_lines(lines: list[bytes]) -> bool:
    """Return whether every line is one quoted cell with the same number of a delimiter in it."""
    if len(lines) < _FEWEST_LINES or not all(map(_QUOTED_LINE.fullmatch, lines)):
        return False
    inner = [re.sub(rb'""[^"]*""', b"", line[1:-1]) for line in lines]
    return any(
        inner[0].count(mark) > 0 and len({line.count(mark) for line in inner}) == 1
        for mark in _DELIMITERS
    )

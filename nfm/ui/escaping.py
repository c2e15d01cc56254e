"""Text that people bring, a column's name or a level, shown as exactly those characters."""

from __future__ import annotations

import re

# Streamlit replaces these after Markdown was read, where a backslash no longer helps.
_LATE_REPLACEMENTS = re.compile(
    r"(?<=:)(?=material[/_]|streamlit:)|(?<=(?<!\S)[-<>~])(?=(?:[-=>]|->)(?!\S))"
)
_WORD_JOINER = "\u2060"
# What Markdown reads anywhere in a line; an underscore only at the edge of a word.
_ANYWHERE = re.compile(r"([\\`*\[\]<$~:&]|(?<![^\W_])_|_(?![^\W_]))")
# What makes a heading, a list, a quotation or a line of a line's first characters.
_AT_THE_START = re.compile(r"^(?=[#>+=\-])|^\d+(?=[.)])")


def literal(text: object) -> str:
    """Escape text for a place that reads Markdown: a label, a caption, a message, a heading.

    Args:
        text: Anything; its text is shown. Runs of white space become one space, as in HTML.

    Returns:
        Markdown that shows the characters of the text and nothing else: no tags, formulas,
        colours, icons, links or images.
    """
    return _AT_THE_START.sub(lambda found: f"{found[0]}\\", inline(text))


def inline(text: object) -> str:
    """Escape text that no list or heading can begin with: a number with people's unit.

    Args:
        text: Anything; its text is shown. "23.5 $" keeps its point and loses no dollar sign.
    """
    plain = " ".join(str(text).split())
    plain = _LATE_REPLACEMENTS.sub(_WORD_JOINER, plain)
    return _ANYWHERE.sub(r"\\\1", plain)

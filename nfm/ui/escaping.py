"""Text that people bring, a column's name or a level, shown as exactly those characters."""

from __future__ import annotations

import re

# Streamlit replaces these after Markdown was read, where a backslash no longer helps.
_LATE_REPLACEMENTS = re.compile(
    r"(?<=:)(?=material[/_]|streamlit:)|(?<=(?<!\S)[-<>~])(?=(?:[-=>]|->)(?!\S))"
)
_PUNCTUATION = re.compile(r"""([!#$&()*+\-.:<=>@\[\\\]^_`{|}~])""")
_WORD_JOINER = "\u2060"


def literal(text: object) -> str:
    """Escape text for a place that reads Markdown: a label, a caption, a message, a heading.

    Args:
        text: Anything; its text is shown. Runs of white space become one space, as in HTML.

    Returns:
        Markdown that shows the characters of the text and nothing else: no tags, formulas,
        colours, icons, links or images.
    """
    plain = " ".join(str(text).split())
    plain = _LATE_REPLACEMENTS.sub(_WORD_JOINER, plain)
    return _PUNCTUATION.sub(r"\\\1", plain)

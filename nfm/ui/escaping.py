"""Escapes user text, such as names of columns and levels, so that it is shown literally."""

from __future__ import annotations

import re

# These are replaced after Markdown was parsed, so a backslash does not help: icons and arrows,
# by Streamlit; addresses of the web and of e-mail, which would become links.
_LATE_REPLACEMENTS = re.compile(
    r"(?<=:)(?=material[/_]|streamlit:)|(?<=(?<!\S)[-<>~])(?=(?:[-=>]|->)(?!\S))"
    r"|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\S)(?=@\S)|(?<=mailto:)|(?<=xmpp:)",
    re.IGNORECASE,
)
_WORD_JOINER = "\u2060"
# Special anywhere in a line of Markdown; an underscore only at the edge of a word.
_ANYWHERE = re.compile(r"([\\`*\[\]<$~:&]|(?<![^\W_])_|_(?![^\W_]))")
# Special at the start of a line: a heading, a list, a quotation or a rule.
_AT_THE_START = re.compile(r"^(?=[#>+=\-])|^\d+(?=[.)])")


def literal(text: object) -> str:
    """Escape text for a place that reads Markdown: a label, a caption, a message, a heading.

    Args:
        text: Anything; its text is shown. Whitespace is collapsed to one space, as in HTML.

    Returns:
        Markdown that shows the characters of the text and nothing else: no tags, formulas,
        colours, icons, links or images.
    """
    return _AT_THE_START.sub(lambda found: f"{found[0]}\\", inline(text))


def inline(text: object) -> str:
    """Escape text that is not at the start of a line, or cannot begin a list or a heading.

    Args:
        text: Anything; its text is shown, such as "23.5 $".

    Returns:
        Markdown; unlike that of `literal`, it is not safe at the start of a line.
    """
    plain = " ".join(str(text).split())
    plain = _LATE_REPLACEMENTS.sub(_WORD_JOINER, plain)
    return _ANYWHERE.sub(r"\\\1", plain)

"""Text from outside in a place that reads Markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.ui.escaping import literal

BACKSLASHED = re.compile(r"\\([!-/:-@\[-`{-~])")


def shown(markdown: str) -> str:
    """What Markdown shows of a text in which all that matters is escaped."""
    return BACKSLASHED.sub(r"\1", markdown)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "**x**",
        "$x$",
        ":red[x]",
        ":smile:",
        "![a](/b.c)",
        "`code`",
        "# title",
        "1. first",
        "a_b_c",
        "~~gone~~",
        "&lt;",
        "\\$",
        "| a | b |",
    ],
)
def test_every_character_that_markdown_reads_is_escaped(text):
    escaped = literal(text)
    assert shown(escaped) == text
    assert not re.search(r"(?<!\\)(?:\\\\)*[*$`<\[&~:]", escaped)
    assert not re.match(r"[#>+=-]|\d+[.)]", escaped)


@pytest.mark.parametrize(
    "text", ["Braund, Mr. Owen Harris", "total_bed_rooms (count)", "x = 1.5", "泰坦尼克", "50%"]
)
def test_ordinary_text_stays_as_it_is(text):
    assert literal(text) == text


@pytest.mark.parametrize("text", [":material/home:", ":streamlit:", "a -> b", "x >= 1", "p -- q"])
def test_what_streamlit_replaces_late_is_taken_apart(text):
    escaped = literal(text)
    assert "\u2060" in escaped
    assert shown(escaped).replace("\u2060", "") == text


# How Markdown finds addresses in text that it has parsed (mdast-util-gfm-autolink-literal).
ADDRESS = re.compile(
    r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)|[-.\w+]+@[-\w]+(\.[-\w]+)+"
    r"|(mailto|xmpp):[-.\w+]+@",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.example",
        "see HTTPS://evil.example/x, (www.evil.example)",
        "WWW.evil.example",
        "![a](http://b.c)",
        "a.b+c@evil.example",
        "mailto:a@evil.example",
        "xmpp:a@evil.example/x",
    ],
)
def test_an_address_is_no_link(text):
    assert ADDRESS.search(text)
    escaped = shown(literal(text))
    assert not ADDRESS.search(escaped)
    assert escaped.replace("\u2060", "") == text


def test_line_breaks_do_not_start_a_block():
    assert literal("a\n\n# b\t c") == "a # b c"


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Z", "C"]))
)
def test_no_character_is_lost(text):
    assert shown(literal(text)).replace("\u2060", "") == text

"""Sentences for screen readers."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    from nfm.ui.components.announcement import announce

    announce("a <b>\n\n& :material/home: *c*")


def test_sentence_is_text_in_a_polite_live_region():
    (region,) = AppTest.from_function(_page, default_timeout=90).run().markdown
    assert region.allow_html
    assert region.value == (
        '<p role="status" aria-live="polite">a &lt;b&gt; &amp; &#58;material/home&#58; *c*</p>'
    )

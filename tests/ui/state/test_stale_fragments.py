"""Pages that are not drawn to their end leave no fragment of the page before behind."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage

from nfm.ui.state import stale_fragments


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A full run of a page that has drawn one of two fragments so far."""
    storage = MemoryFragmentStorage()
    for name in ("former", "drawn"):
        storage.register(name, lambda: None)
    drawn = SimpleNamespace(snapshot=lambda: frozenset({"drawn"}))
    made = SimpleNamespace(
        fragment_ids_this_run=None,
        fragment_storage=storage,
        shared=SimpleNamespace(new_fragment_ids=drawn),
    )
    monkeypatch.setattr(stale_fragments, "get_script_run_ctx", lambda: made)
    return made


def test_fragments_of_the_page_before_are_dropped_and_those_of_this_page_stay(
    context: SimpleNamespace,
):
    stale_fragments.drop_stale_fragments()
    assert not context.fragment_storage.contains("former")
    assert context.fragment_storage.contains("drawn")


def test_a_fragment_that_fails_leaves_the_rest_of_the_page(context: SimpleNamespace):
    context.fragment_ids_this_run = ["drawn"]
    stale_fragments.drop_stale_fragments()
    assert context.fragment_storage.contains("former")

"""One store and one engine for all of a process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nfm.jobs import shared


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("NFM_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("NFM_DATABASE_URL", raising=False)
    monkeypatch.setattr(shared, "_store", None)
    monkeypatch.setattr(shared, "_engine", None)
    monkeypatch.setattr(shared, "_searches", None)


def test_all_threads_are_given_the_same_ones():
    with ThreadPoolExecutor(8) as threads:
        engines = set(threads.map(lambda _: shared.engine(), range(8)))
        stores = set(threads.map(lambda _: shared.store(), range(8)))
        searches = set(threads.map(lambda _: shared.searches(), range(8)))
    assert (len(engines), len(stores), len(searches)) == (1, 1, 1)
    assert engines.pop().state == "stopped"
    stores.pop().close()

"""The pages over the database of an older version (tests/golden)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nfm.store.store import Store
from nfm.ui.state import services

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("name", ["store.sqlite3", "store_of_f30324c.sqlite3"])
@pytest.mark.parametrize("page", ["data", "train", "predict", "evaluate", "interactions"])
def test_a_page_opens_over_the_database_of_an_older_version(
    lab, page: str, name: str, texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copyfile(GOLDEN / name, tmp_path / name)
    store = Store(f"sqlite:///{tmp_path / name}")
    store.set_preference("golden-workspace", "tour", "over")
    monkeypatch.setattr(services, "store", lambda: store)
    monkeypatch.setattr(services, "workspace", lambda: "golden-workspace")

    app = lab.open(page)

    assert not app.exception
    assert [one.value for one in app.error] == []
    if page == "train":
        table = next(frame.value for frame in app.dataframe if "Differs in" in frame.value)
        assert len(table) == len(store.runs("golden-workspace"))
    elif page != "data":
        assert " predicts " in texts(app)
    store.close()

"""A browser whose workspace holds a model already: nothing has to be trained to look at pages."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table_file
from nfm.settings import Settings
from nfm.store.records import RunOutcome
from nfm.store.store import Store
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.splitting import SplitOptions
from nfm.ui.state.services import COOKIE
from tests.pages.conftest import TEST_METRICS, make_epochs, random_bundle

TABLE = b"passenger,age,fare [GBP],class,survived\n" + b"".join(
    b"P %d,%d,%.1f,%s,%s\n"
    % (row, 1 + row % 70, 5 + row % 40, b"abc"[row % 3 :][:1], b"ny"[(row // 2) % 2 :][:1])
    for row in range(400)
)


def seed_model(data_folder: Path, workspace: str) -> None:
    """Put a table and a model of random weights into a workspace, and end its tour.

    Args:
        data_folder: Of the server.
        workspace: Token of the browser, 43 letters.
    """
    store = Store(f"sqlite:///{data_folder / 'nfm.sqlite3'}")
    try:
        table = read_table_file(TABLE, "voyage.csv", ReadingOptions(has_header=True))
        schema = infer_schema(table.frame, "survived")
        dataset = store.add_dataset(
            workspace, "voyage.csv", TABLE, table.options, schema, SplitOptions()
        )
        run = store.add_run(workspace, dataset.id, Settings(epochs=12))
        store.begin_run(workspace, run.id)
        store.finish_run(
            workspace,
            run.id,
            RunOutcome(
                "completed",
                epochs=make_epochs(12),
                test_metrics=TEST_METRICS,
                bundle=random_bundle(store, run).to_bytes(),
            ),
        )
        for name, value in (("dataset", dataset.id), ("run", run.id), ("tour", "over")):
            store.set_preference(workspace, name, value)
    finally:
        store.close()


def enter_workspace(page: Page, url: str, workspace: str) -> None:
    """Make a tab's browser the one that a workspace belongs to."""
    page.context.add_cookies([{"name": COOKIE, "value": workspace, "url": url}])

"""What all tests share."""

from __future__ import annotations

import gc
import os
from pathlib import Path

# Before anything imports TensorFlow: no banner, and the processor even where there is a GPU.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
BROWSER_TESTS = REPOSITORY / "tests" / "browser"

# The same examples in every run: a failure that CI shows can be repeated at a desk.
# HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and run it last: Playwright keeps the thread's event loop."""
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="module", autouse=True)
def _light_collections() -> None:
    """Spare the garbage collector what lives on.

    A page's test makes many objects. With TensorFlow's beside them in the process, looking
    through all of them again and again takes three quarters of the test's time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds app.py."""
    return REPOSITORY


@pytest.fixture(scope="session")
def titanic_rows() -> pd.DataFrame:
    """The 891 passengers, read once; do not change: take `titanic`."""
    from nfm.tabular.samples import load_sample

    return load_sample("titanic")


@pytest.fixture
def titanic(titanic_rows: pd.DataFrame) -> pd.DataFrame:
    """The 891 passengers, a copy that the test may change."""
    return titanic_rows.copy()


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An NFM_DATA_DIR of the test's own, and none of the user's other settings."""
    for name in ("NFM_DATABASE_URL", "NFM_SCHEDULER", "NFM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "data"
    monkeypatch.setenv("NFM_DATA_DIR", str(folder))
    return folder

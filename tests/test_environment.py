"""Environment variables: their defaults, and what is said of wrong values."""

from __future__ import annotations

from pathlib import Path

import pytest

from nfm.environment import VARIABLES, environment
from nfm.errors import SettingsError


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_all_are_optional() -> None:
    values = environment()
    assert values.data_directory == Path(".nfm").absolute()
    assert (values.database_url, values.scheduler, values.keep_days) == (None, None, None)
    assert (values.keep_megabytes, values.runs_per_worker) == (20_000, 4)
    assert (values.worker_memory, values.nice) == (2_000, 10)
    assert 1 <= values.workers <= 4


def test_an_empty_variable_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert environment().runs_per_worker == 4
    assert environment().scheduler is None


def test_each_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "data_dir": tmp_path,
        "database_url": "postgresql://somewhere/nfm",
        "keep_days": 1.5,
        "keep_megabytes": 300.0,
        "scheduler": "tcp://host:8786",
        "workers": 3,
        "runs_per_worker": 2,
        "run_hours": 48.0,
        "worker_memory": 900,
        "nice": 0,
        "metrics": True,
        "sign_in": True,
    }
    for name, field in VARIABLES.items():
        monkeypatch.setenv(name, str(given[field]))
    assert environment().model_dump() == given


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("NFM_WORKERS", "0", "a whole number, 1 or more"),
        ("NFM_RUNS_PER_WORKER", "two", "a whole number, 1 or more"),
        ("NFM_WORKER_MEMORY", "1.5", "a whole number, 1 or more"),
        ("NFM_KEEP_DAYS", "-1", "a positive number"),
        ("NFM_KEEP_MEGABYTES", "inf", "a positive number"),
        ("NFM_SCHEDULER", "host", "the address of a Dask scheduler, such as tcp://host:8786"),
        ("NFM_NICE", "20", "a whole number from 0 to 19"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        environment()
    assert str(refused.value) == f"{name} is {value!r}: it must be {allowed}."


def test_every_wrong_value_has_a_sentence_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NFM_WORKERS", "many" * 100)
    monkeypatch.setenv("NFM_KEEP_DAYS", "nan")
    with pytest.raises(SettingsError) as refused:
        environment()
    days, workers = str(refused.value).splitlines()
    assert days == "NFM_KEEP_DAYS is 'nan': it must be a positive number."
    assert workers.startswith("NFM_WORKERS is 'manymany")
    assert len(workers) < 150

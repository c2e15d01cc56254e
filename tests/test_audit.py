from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

audit = import_module("scripts.audit")
REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which somebody listens, as the database would."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def report(*packages: dict, status: int = 0) -> list[str]:
    text = json.dumps({"dependencies": packages, "fixes": []})
    return [sys.executable, "-c", f"print({text!r}); raise SystemExit({status})"]


SOUND = {"name": "numpy", "version": "2.4.0", "vulns": []}
AFFECTED = {
    "name": "oldlib",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": "x"}],
}
UNKNOWN = {"name": "mine", "skip_reason": "not on the index"}


def test_sound_packages_are_counted(port: int, capsys: pytest.CaptureFixture):
    assert audit.main("127.0.0.1", port, report(SOUND, UNKNOWN)) == 0
    assert capsys.readouterr().out == "Audited 1 packages, 1 could not be looked up.\n"


def test_a_known_vulnerability_fails_and_is_named(port: int, capsys: pytest.CaptureFixture):
    assert audit.main("127.0.0.1", port, report(SOUND, AFFECTED, status=1)) == 1
    assert "oldlib 1.0: PYSEC-2026-1, fixed in 1.1" in capsys.readouterr().out


def test_without_the_database_it_says_that_nothing_was_audited(capsys: pytest.CaptureFixture):
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    assert audit.main("127.0.0.1", closed, report(AFFECTED, status=1)) == 0
    assert "NOT audited" in capsys.readouterr().out


@pytest.mark.parametrize("output", ["", "no JSON", "[]", "{}"])
def test_a_report_that_breaks_off_is_no_audit(
    port: int, output: str, capsys: pytest.CaptureFixture
):
    command = [sys.executable, "-c", f"print({output!r}); raise SystemExit(1)"]
    assert audit.main("127.0.0.1", port, command) == 0
    assert "NOT audited" in capsys.readouterr().out


def test_continuous_integration_audits():
    assert "audit" in (REPOSITORY / ".ci" / "run").read_text()
    assert "scripts/audit.py" in (REPOSITORY / "Makefile").read_text()

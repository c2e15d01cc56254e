"""The docs name every setting, variable and public name, and the files they name exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import nfm
import nfm.model
from nfm.environment import VARIABLES, Environment

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
TEXT = {page.name: page.read_text() for page in PAGES}
# What a path in backticks begins with, if it is one of this repository.
FOLDERS = ("nfm/", "pages/", "tests/", "docs/", "data/", "benchmarks/", "scripts/", "examples/")


@pytest.fixture
def settings_table() -> ModuleType:
    return import_module("scripts.settings_table")


def test_the_table_of_settings_is_that_of_the_declarations(settings_table):
    page = TEXT["python.md"]
    assert page == settings_table.with_table(page), "run: python -m scripts.settings_table"


def test_the_table_names_every_setting_with_its_default_and_range(settings_table):
    table = settings_table.settings_table()
    assert all(f"| `{name}` | " in table for name in nfm.Settings.model_fields)
    assert "| `dropout` | `0.2` | from 0 to 0.95 |" in table
    assert "| `batch_size` | `None` | whole, from 1 to 1,000,000 or `None` |" in table


def test_a_new_setting_changes_the_table(settings_table, monkeypatch: pytest.MonkeyPatch):
    class MoreSettings(nfm.Settings):
        label_smoothing: float = 0.0

    monkeypatch.setattr(settings_table, "Settings", MoreSettings)
    monkeypatch.setattr(settings_table, "setting_info", MoreSettings.model_fields.__getitem__)
    monkeypatch.setattr(settings_table, "_allowed", lambda name: "")
    assert settings_table.with_table(TEXT["python.md"]) != TEXT["python.md"]


@pytest.mark.parametrize("package", [nfm, nfm.model], ids=lambda package: package.__name__)
def test_every_public_name_is_in_the_docs(package):
    missing = [name for name in package.__all__ if f"`{name}`" not in TEXT["python.md"]]
    assert missing == []
    documented = re.findall(r"^::: ([\w.]+)$", TEXT["api.md"], re.M)
    missing = [one for one in package.__all__ if f"{package.__name__}.{one}" not in documented]
    assert missing == []


def test_every_environment_variable_is_in_the_table_of_the_readme():
    files = [*(REPOSITORY / "nfm").rglob("*.py"), REPOSITORY / "Makefile"]
    named = {name for file in files for name in re.findall(r"\bNFM_[A-Z_]+\b", file.read_text())}
    in_table = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", TEXT["README.md"], re.M))
    assert {name for name in in_table if name.startswith("NFM_")} == set(VARIABLES)
    assert named - {"NFM_"} <= set(VARIABLES)
    for name, field in VARIABLES.items():
        default = Environment.model_fields[field].default
        if isinstance(default, int | float | Path):
            shown = int(default) if isinstance(default, bool) else default
            assert in_table[name] == f"`{shown}`"


def test_only_one_module_reads_environment_variables():
    for file in (REPOSITORY / "nfm").rglob("*.py"):
        if file.name != "environment.py":
            assert not re.search(r"getenv|environ(\.get\(|\[)\"NFM_", file.read_text()), file


def test_every_layer_of_the_contract_is_in_the_architecture():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one.get("containers") == ["nfm"])
    table = TEXT["architecture.md"].partition("## Layers")[2].partition("## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.M)
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == [
        set(re.split(r"\s*:\s*", layer)) for layer in layers
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_in_backticks_exist(page: Path):
    paths = [
        path
        for path in re.findall(r"`([\w./]+)`", page.read_text())
        if path.startswith(FOLDERS) or path in ("pages", "benchmarks", ".streamlit/config.toml")
    ]
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_in_backticks_can_be_found(page: Path):
    modules = set(re.findall(r"`(nfm(?:\.[a-z_]+)+)`", page.read_text()))
    missing = []
    for module in modules:
        path = REPOSITORY / module.replace(".", "/")
        found = path.is_dir() or path.with_suffix(".py").exists()
        parent = path.parent.with_suffix(".py")  # a function: its module must name it
        found = found or (parent.exists() and f"def {path.name}" in parent.read_text())
        if not found:
            missing.append(module)
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_make_exist(page: Path):
    targets = set(re.findall(r"^(\w+):", (REPOSITORY / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:`|^    )make (\w+)", page.read_text(), re.M)) <= targets


@pytest.mark.slow
def test_the_documentation_is_rendered_without_warnings_or_other_hosts(tmp_path: Path):
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    result = subprocess.run(
        words,
        cwd=REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "http_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    pages = {page.relative_to(tmp_path).as_posix(): page for page in tmp_path.rglob("*.html")}
    for page in (REPOSITORY / "docs").rglob("*.md"):
        assert page.relative_to(REPOSITORY / "docs").with_suffix(".html").as_posix() in pages
    for page in pages.values():
        text = page.read_text()
        loaded = re.findall(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"?([^\" >]+)", text)
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []
    api = pages["reference/api.html"].read_text()
    assert "NFMClassifier" in api
    assert "(average)" in api  # an example of a docstring

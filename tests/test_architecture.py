"""The import contracts: each holds, and each can fail."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = sorted([REPOSITORY / "app.py", *(REPOSITORY / "pages").glob("*.py")])
# What a page may import: it only arranges widgets.
IN_SCRIPTS = {"__future__", "streamlit", "nfm", "pandas"}
# Run in worker processes, or as Streamlit's script.
NOT_IMPORTED = ("jobs/worker/training_job.py", "jobs/worker_process.py", "ui/shell.py")
HEAVY = ("tensorflow", "keras", "sklearn", "scipy", "distributed", "dask", "optuna")


def check_contracts(folder: Path) -> subprocess.CompletedProcess:
    """Run import-linter as `make test` does."""
    program = "import sys; from importlinter.cli import lint_imports_command; "
    program += "sys.path.insert(0, '.'); lint_imports_command(['--no-cache'])"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True
    )


@pytest.fixture
def copied_package(tmp_path: Path) -> Path:
    """A copy of the package and its contracts, which a test may break."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "nfm", tmp_path / "nfm", ignore=ignored)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold():
    result = check_contracts(REPOSITORY)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "import_line", "contract"),
    [
        ("tabular/encoded_table.py", "import nfm.inference", "Layers: imports only point down"),
        ("settings.py", "from nfm.tabular import layout", "Layers: imports only point down"),
        ("figures/__init__.py", "import nfm.ui", "Layers: imports only point down"),
        ("utils.py", "import nfm.errors", "Layers: imports only point down"),
        ("training/trainer.py", "import tensorflow", "TensorFlow and Keras only in nfm.model"),
        ("jobs/engine.py", "import keras", "TensorFlow and Keras only in nfm.model"),
        ("inference/scorer.py", "import nfm.model.network", "A model predicts without TensorFlow"),
        ("jobs/worker/run_control.py", "import nfm.jobs.engine", "No circular imports"),
        (
            "ui/train/baseline.py",
            "import nfm.ui.predict.batch",
            "Pages share only components and state",
        ),
        ("figures/__init__.py", "import streamlit", "Streamlit only in nfm.ui and nfm.server"),
        ("ui/shell.py", "import distributed", "Dask only in nfm.jobs"),
        ("jobs/engine.py", "import sqlalchemy", "SQLAlchemy only in nfm.store"),
        ("jobs/engine.py", "import optuna", "Optuna only in nfm.settings_search"),
    ],
)
def test_a_wrong_import_breaks_its_contract(
    copied_package: Path, module: str, import_line: str, contract: str
):
    file = copied_package / "nfm" / module
    before = file.read_text() if file.exists() else ""
    # At the end and inside a function: late imports count as well.
    file.write_text(f"{before}\n\ndef late():\n    {import_line}\n")

    result = check_contracts(copied_package)

    assert result.returncode != 0
    assert f"{contract} BROKEN" in result.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_page_imports_only_what_arranges_widgets(script: Path):
    assert imported_packages(script.read_text()) <= IN_SCRIPTS


def test_the_imports_of_a_page_are_all_seen():
    source = "import numpy as np\ndef late():\n    from sklearn.metrics import auc\n"
    assert imported_packages(source) == {"numpy", "sklearn"}


def imported_packages(source: str) -> set[str]:
    """Name the packages that a script imports anywhere, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_importing_the_web_process_loads_nothing_heavy():
    elsewhere = ("model", "estimator", "training", "jobs/worker")
    files = [
        file
        for file in (REPOSITORY / "nfm").rglob("*.py")
        if not file.relative_to(REPOSITORY / "nfm").as_posix().startswith(elsewhere)
    ]
    modules = [
        ".".join(file.relative_to(REPOSITORY).with_suffix("").parts)
        for file in sorted(files)
        if file.relative_to(REPOSITORY / "nfm").as_posix() not in NOT_IMPORTED
    ]
    program = "import importlib, sys\n"
    program += f"for name in {modules!r}: importlib.import_module(name)\n"
    program += f"print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == []


@pytest.mark.parametrize(
    ("folders", "requirements"),
    [
        (["nfm", "pages"], ["requirements.txt"]),
        (["nfm", "pages", "tests", "scripts"], ["requirements.txt", "requirements-dev.txt"]),
    ],
    ids=["app", "tests"],
)
def test_whatever_is_imported_is_required(folders: list[str], requirements: list[str]):
    files = [file for folder in folders for file in (REPOSITORY / folder).rglob("*.py")]
    imported = {name for file in files for name in imported_packages(file.read_text())}
    modules_here = {"nfm", "tests", "scripts", ""} | {file.stem for file in files}
    imported -= sys.stdlib_module_names | modules_here
    required = {
        re.split(r"[<>=;]", line)[0].strip().lower().replace("-", "_")
        for name in requirements
        for line in (REPOSITORY / name).read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }
    required |= {"sklearn"} if "scikit_learn" in required else set()
    required |= {"PIL"} if "pillow" in required else set()
    required |= {"griffe"} if "griffelib" in required else set()
    required |= {"google"} if "protobuf" in required else set()
    assert imported - required == set()


def test_the_tests_have_the_packages_of_the_extras():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lines = (REPOSITORY / "requirements-dev.txt").read_text().splitlines()
    tested = {line.partition("#")[0].strip() for line in lines}
    assert {one for extra in project["optional-dependencies"].values() for one in extra} <= tested


def test_no_file_has_grown_into_two():
    limits = {"nfm": 500, "pages": 400, "tests": 600}
    lengths = {
        file.relative_to(REPOSITORY).as_posix(): (len(file.read_text().splitlines()), limit)
        for folder, limit in limits.items()
        for file in (REPOSITORY / folder).rglob("*.py")
    }
    assert {name: lines for name, (lines, limit) in lengths.items() if lines > limit} == {}

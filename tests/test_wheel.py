"""The wheel works without the repository: the commands, an example, and the app."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
import venv
import zipfile
from email import message_from_string
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
APP_FILES = ("app.py", "pages/*.py", "data/*.csv", "data/titanic.nfm", ".streamlit/config.toml")
pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess:
    """Run a command without the repository on Python's path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the command of the documentation without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    page = (REPOSITORY / "docs" / "how_to" / "install.md").read_text()
    make, build, install, start = re.search(r"```sh\n(.*?)```", page, re.S)[1].splitlines()
    assert make.startswith("python3 -m venv ")  # as `programs` does it
    assert (install, start) == ("pip install dist/nfm_lab-*.whl", "nfm app")
    words = [str(REPOSITORY) if word == "." else word for word in shlex.split(build)]
    run(sys.executable, "-m", *words, "--no-build-isolation", "--no-index", folder=folder)
    (wheel,) = folder.glob("dist/nfm_lab-*.whl")
    return wheel


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, which sees this environment's packages."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib"))
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", wheel, folder=folder)
    return folder / "bin"


def test_it_carries_the_app_s_files(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    for pattern in APP_FILES:
        for file in REPOSITORY.glob(pattern):
            name = f"nfm/app_files/{file.relative_to(REPOSITORY).as_posix()}"
            assert packed[name] == file.read_bytes()
    for file in (REPOSITORY / "nfm").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert file.relative_to(REPOSITORY).as_posix() in packed
    assert not any(name.startswith("tests/") or "__pycache__" in name for name in packed)


def test_its_requirements_are_those_of_the_file(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        metadata = message_from_string(archive.read(name).decode())
    lines = (REPOSITORY / "requirements.txt").read_text().splitlines()
    required = [line for line in lines if line and not line.startswith("#")]
    given = metadata.get_all("Requires-Dist")
    assert len([one for one in given if "extra ==" not in one]) == len(required)
    extra = [one.partition("<")[0] for one in given if "extra == 'sign-in'" in one]
    assert sorted(extra, key=str.lower) == ["authlib", "httpx"]
    assert metadata["Requires-Python"] == "<3.14,>=3.11"


def test_the_commands_train_predict_and_evaluate(programs: Path, tmp_path: Path):
    nfm = programs / "nfm"
    assert "train a model on a table" in run(nfm, "--help", folder=tmp_path).stdout
    frame = pd.read_csv(REPOSITORY / "data" / "titanic.csv")
    frame[:300].to_csv(tmp_path / "train.csv", index=False)
    frame[300:400].to_csv(tmp_path / "rows.csv", index=False)
    settings = ("--setting", "epochs=2", "hidden_units=8", "embedding_dim=4")
    run(nfm, "train", "train.csv", "--target", "Survived", *settings, folder=tmp_path)
    run(nfm, "predict", "model.nfm", "rows.csv", folder=tmp_path)
    assert len(pd.read_csv(tmp_path / "predictions.csv")) == 100
    shown = run(nfm, "evaluate", "model.nfm", "rows.csv", folder=tmp_path).stdout
    assert "Evaluated on 100 rows." in shown


def test_an_example_runs(programs: Path, tmp_path: Path):
    for folder in ("examples", "data"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    run(programs / "python", "examples/1_train_on_a_csv.py", folder=tmp_path)
    assert (tmp_path / "titanic.nfm").exists()


def test_the_app_starts_in_an_empty_folder_with_the_server_s_settings(
    programs: Path, tmp_path: Path
):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NFM_", "STREAMLIT_")) and name != "PYTHONPATH"
    }
    home, empty = tmp_path / "home", tmp_path / "empty"
    home.mkdir()
    empty.mkdir()
    environment |= {"HOME": str(home), "NFM_WORKERS": "1", "STREAMLIT_SERVER_HEADLESS": "true"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "nfm", "app", "--port", str(port)],
            cwd=empty,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 90
        while True:
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline
            try:
                answer = urlopen(f"http://127.0.0.1:{port}/", timeout=30)
                break
            except OSError:  # not there yet, or slow on a busy computer
                time.sleep(0.1)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"  # the app's middleware
        assert b"<title>" in answer.read()
    finally:
        process.terminate()
        process.wait(20)
    # Streamlit says this in each start unless the configuration turns it off.
    assert "usage statistics" not in (tmp_path / "log").read_text()
    assert (home / ".nfm").is_dir()
    assert list(empty.iterdir()) == []


def test_the_build_backend_is_among_the_tests_requirements():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    (backend,) = project["build-system"]["requires"]
    lines = (REPOSITORY / "requirements-dev.txt").read_text().splitlines()
    assert backend in [line.partition(" #")[0] for line in lines]

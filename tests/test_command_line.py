"""The command `nfm`: from a file to a model, predictions and metrics, and errors in a sentence."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import pytest
from sklearn import metrics

import nfm
from nfm import command_line
from nfm.command_line import main

REPOSITORY = Path(__file__).resolve().parent.parent
TITANIC = str(REPOSITORY / "data" / "titanic.csv")
QUICK = ["--setting", "epochs=2", "hidden_units=8", "embedding_dim=4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with rows of the Titanic and a model of them."""
    folder = tmp_path_factory.mktemp("files")
    frame = pd.read_csv(TITANIC)
    frame[:600].to_csv(folder / "train.csv", index=False)
    frame[600:].to_csv(folder / "rows.csv", index=False)
    arguments = [str(folder / "train.csv"), "--target", "Survived", *QUICK]
    assert main(["train", *arguments, "--output", str(folder / "model.nfm")]) == 0
    return folder


@pytest.fixture
def here(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own with the same files, as the current one."""
    shutil.copytree(folder, tmp_path / "files")
    monkeypatch.chdir(tmp_path / "files")
    return tmp_path / "files"


def test_a_model_is_trained_as_the_package_trains_it(here: Path):
    bundle = nfm.load_bundle("model.nfm")
    frame = nfm.read_table("train.csv")
    settings = nfm.Settings(epochs=2, hidden_units=(8,), embedding_dim=4)
    trained = nfm.train_table(frame, nfm.infer_schema(frame, "Survived"), settings)
    assert bundle.settings == settings
    assert [epoch.train for epoch in bundle.history] == [
        epoch.train for epoch in trained.bundle.history
    ]


def test_training_says_what_it_used_and_how_good_the_model_is(here: Path, capsys):
    assert main(["train", "train.csv", "--target", "Survived", *QUICK]) == 0
    shown = capsys.readouterr()
    assert "Target: 'Survived' (binary)." in shown.out
    assert "Left out: 'PassengerId', 'Name', 'Ticket'." in shown.out
    assert "Trained 2 epochs" in shown.out
    assert "Evaluated on 120 rows." in shown.out
    assert shown.out.endswith("Saved the model as model.nfm.\n")
    assert "Note: Read as utf-8, delimiter comma, decimal point" in shown.err


def test_a_model_carries_the_names_of_its_dictionary(here: Path, capsys):
    Path("names.csv").write_text("column,level,name\nSex,male,man\nDeck,,Deck\n")
    arguments = ["train.csv", "--target", "Survived", "--dictionary", "names.csv", *QUICK]
    assert main(["train", *arguments, "--output", "named.nfm"]) == 0
    assert "'Deck'" in capsys.readouterr().err
    bundle = nfm.load_bundle("named.nfm")
    assert bundle.wording.level("Sex", "male") == "man"
    assert main(["train", *arguments[:4], "rows.csv", *QUICK]) == 1
    assert "has no column 'column'" in capsys.readouterr().err


def test_predictions_are_those_of_the_model(here: Path, capsys):
    assert main(["predict", "model.nfm", "rows.csv"]) == 0
    assert "Wrote 291 rows with predictions to predictions.csv." in capsys.readouterr().out
    found = pd.read_csv("predictions.csv")
    expected = nfm.load_bundle("model.nfm").predict_proba(nfm.read_table("rows.csv"))
    assert found["probability_1"].to_numpy() == pytest.approx(expected[:, 1], abs=1e-6)
    assert found["PassengerId"].tolist() == list(range(601, 892))


def test_metrics_are_those_of_scikit_learn(here: Path, capsys):
    assert main(["evaluate", "model.nfm", "rows.csv"]) == 0
    shown = capsys.readouterr().out
    rows = nfm.read_table("rows.csv")
    probabilities = nfm.load_bundle("model.nfm").predict_proba(rows)[:, 1]
    area = metrics.roc_auc_score(rows["Survived"], probabilities)
    assert "Evaluated on 291 rows." in shown
    assert float(re.search(r"^auc +(\S+)", shown, re.M)[1]) == pytest.approx(area, abs=5e-4)


def test_rows_written_otherwise_are_found_by_name_and_noted(here: Path, capsys):
    frame = pd.read_csv("rows.csv").drop(columns="Cabin").rename(columns=str.lower)
    frame.to_csv("rows.csv", index=False, sep=";", decimal=",")
    assert main(["evaluate", "model.nfm", "rows.csv", "--decimal", ","]) == 1
    assert "lacks column 'Cabin'" in capsys.readouterr().err
    assert main(["predict", "model.nfm", "rows.csv", "--decimal", ","]) == 0
    assert "'Cabin'" in capsys.readouterr().err
    found = pd.read_csv("predictions.csv")["probability_1"]
    rows = nfm.read_table(TITANIC)[600:].assign(Cabin=None)
    expected = nfm.load_bundle("model.nfm").predict_proba(rows)[:, 1]
    assert found.to_numpy() == pytest.approx(expected, abs=1e-6)


def test_an_undecided_decimal_mark_is_a_note_that_names_the_option(here: Path, capsys):
    frame = pd.read_csv("train.csv")
    frame["Fare"] = frame["Fare"].round()
    frame.astype({"Fare": int}).to_excel("train.xlsx", index=False)
    assert main(["train", "train.xlsx", "--target", "Survived", *QUICK]) == 0
    rows = pd.read_csv("rows.csv").assign(Fare="1,234")
    rows.to_csv("rows.csv", index=False, sep=";")
    assert main(["predict", "model.nfm", "rows.csv"]) == 0
    assert 'Say which it is: --decimal "." or --decimal ",".' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("train missing.csv --target y", "'missing.csv' cannot be opened"),
        ("train train.csv --target y", "The table has no column 'y'"),
        ("train train.csv --target Survived --setting epoch=2", "There is no setting 'epoch'"),
        ("train train.csv --target Survived --setting epochs", "write name=value"),
        ("train train.csv --target Survived --setting epochs=ten", "epochs is 'ten'"),
        ("train train.csv --target Survived --setting dropout=2", "dropout is '2'"),
        ("train train.csv --target Survived --output no/model.nfm", "does not exist"),
        ("train train.csv --target Survived --output .", "is a folder"),
        ("train train.csv --target Survived --output train.csv", "would replace a file"),
        ("train model.nfm --target Survived", ""),
        ("predict missing.nfm rows.csv", "missing.nfm"),
        ("predict rows.csv rows.csv", "rows.csv: The file is not a bundle"),
        ("predict model.nfm missing.csv", "'missing.csv' cannot be opened"),
        ("predict model.nfm rows.csv --output rows.csv", "would replace a file"),
        ("predict model.nfm other.csv", "none of the columns"),
        ("evaluate model.nfm other.csv", "none of the columns"),
        ("evaluate model.nfm unlabelled.csv", "no column 'Survived'.*nfm predict"),
    ],
)
def test_what_cannot_be_used_is_a_sentence_and_status_1(
    here: Path, capsys, command: str, message: str
):
    Path("other.csv").write_text("a,b\n1,2\n3,4\n")
    pd.read_csv("rows.csv").drop(columns="Survived").to_csv("unlabelled.csv", index=False)
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    assert main(shlex.split(command)) == 1
    shown = capsys.readouterr()
    (error,) = [line for line in shown.err.splitlines() if not line.startswith("Note: ")]
    assert re.search(rf"^nfm: .*{message}", error)
    assert error.endswith(".")
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "nfm: the following arguments are required: COMMAND. See nfm --help."),
        ("learn", "invalid choice: 'learn'"),
        ("train train.csv", "nfm train: the following arguments are required: --target. See nfm"),
        ("predict model.nfm", "required: rows"),
        ("predict model.nfm rows.csv --decimal x", "invalid choice: 'x'"),
        ("app --port 70000", "'70000' is not a port"),
    ],
)
def test_a_wrong_command_is_a_sentence_and_status_2(capsys, command: str, message: str):
    with pytest.raises(SystemExit) as stop:
        main(shlex.split(command))
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_defect_is_a_sentence_unless_its_trace_is_asked_for(here: Path, capsys, monkeypatch):
    def broken(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(command_line, "_model_and_rows", broken)
    assert main(["evaluate", "model.nfm", "rows.csv"]) == 1
    assert "This is a defect of nfm (KeyError: 'x')." in capsys.readouterr().err
    with pytest.raises(KeyError):
        main(["--traceback", "evaluate", "model.nfm", "rows.csv"])


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("hidden_units=64,32", (64, 32)),
        ("hidden_units=(64, 32)", (64, 32)),
        ("hidden_units=16", (16,)),
        ("hidden_units=", ()),
        ("early_stopping=false", False),
        ("learning_rate=1e-2", 0.01),
        ("batch_size=none", None),
        ("batch_size=64", 64),
        ("numeric_scaling=none", "none"),
        ("class_weight=balanced", "balanced"),
    ],
)
def test_settings_are_written_as_people_write_them(pair: str, expected: object):
    name, value = command_line._setting(pair)
    assert getattr(command_line.make_settings({name: value}), name) == expected


def test_the_commands_of_the_docs_run(here: Path, capsys):
    page = (REPOSITORY / "docs" / "how_to" / "command_line.md").read_text()
    block = re.search(r"```sh\n(.*?)```", page, re.S)[1]
    commands = [line.partition("#")[0] for line in block.splitlines() if line.startswith("nfm ")]
    shutil.copy("train.csv", "passengers.csv")
    shutil.copy("rows.csv", "more_passengers.csv")
    run = [words for words in map(shlex.split, commands) if words[1] != "app"]
    assert [words[1] for words in run] == ["train", "predict", "evaluate"]
    for words in run:
        assert main(words[1:]) == 0, words


@pytest.mark.slow
def test_the_module_is_the_command_and_writes_no_messages_of_tensorflow(here: Path):
    words = [sys.executable, "-m", "nfm", "train", "train.csv", "--target", "Survived", *QUICK]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    result = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert all(line.startswith("Note: ") for line in result.stderr.splitlines()), result.stderr
    missing = subprocess.run(
        [*words[:3], "predict", "no.nfm", "no.csv"], env=environment, capture_output=True, text=True
    )
    assert missing.returncode == 1
    assert "Traceback" not in missing.stderr


@pytest.mark.slow
def test_the_app_starts_from_any_folder(tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "NFM_DATA_DIR": str(tmp_path / "data"),
        "NFM_WORKERS": "1",
        "STREAMLIT_SERVER_HEADLESS": "true",
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nfm", "app", "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 60
        answered = False
        while not answered:
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline
            try:
                # The header is set by the app's own middleware, so its script was found.
                answer = urlopen(f"http://127.0.0.1:{port}/", timeout=30)
                answered = answer.headers["X-Content-Type-Options"] == "nosniff"
            except OSError:  # not there yet, or slow on a busy computer
                time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(20)


def test_an_app_that_is_not_there_is_a_sentence(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setattr(command_line, "APP_FOLDER", tmp_path)
    assert main(["app"]) == 1
    assert "Install the package again." in capsys.readouterr().err


def test_a_data_folder_is_relative_to_where_the_command_is_given(tmp_path: Path, monkeypatch):
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _program, *start: started.append(start))
    monkeypatch.setenv("NFM_DATA_DIR", "mine")
    monkeypatch.chdir(tmp_path)
    assert main(["app", "--port", "8600"]) == 0
    words, variables = started[0]
    assert variables["NFM_DATA_DIR"] == str(tmp_path / "mine")
    assert words[1:5] == ["-m", "streamlit", "run", "app.py"]
    assert Path.cwd() == REPOSITORY

"""Makes the golden files; ran once, with the code of commit cf2c3b7. Never run it again.

The files show what that version wrote and answered. Made with newer code they would show what
the newer code does, and test nothing. A file for another version is made with that version's
code, under another name. At cf2c3b7, from the repository's root:

    PYTHONPATH=. python tests/golden/make_golden_files.py
"""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
from golden_tables import TARGETS, as_text, make_table, to_state

from nfm.epoch import Epoch
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table_file
from nfm.inference.bundle import Bundle, load_bundle
from nfm.jobs.engine import Engine
from nfm.lesson_links.lesson import Lesson, read_lesson, write_lesson
from nfm.settings import PRESETS, Settings, make_settings
from nfm.store.records import Dataset, Run
from nfm.store.store import Store
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions
from nfm.training.train_table import SplitTable, train_table

COMMIT = "cf2c3b7"
FOLDER = Path(__file__).parent
LARGE_NUMBERS = ("admitted", "picked", "harvest", "income", "built")
WORKSPACE, OTHER_WORKSPACE = "golden-workspace", "another-workspace"


def main() -> None:
    described = subprocess.run(
        ["git", "log", "-1", "--format=%h", "--", "nfm"],
        capture_output=True,
        text=True,
        check=True,
    )
    if described.stdout.strip()[:7] != COMMIT:
        raise SystemExit(f"These files are of {COMMIT}: see the first lines of this script.")
    make_bundles()
    make_database()
    make_links()


def make_bundles() -> None:
    """One bundle for each task and preset, its table, and its answers."""
    tables, answers = {}, {}
    for task, target in TARGETS.items():
        frame = make_table(task)
        tables[task] = {"typed": to_state(frame), "text": to_state(as_text(frame))}
        schema = infer_schema(frame, target)
        if schema.task != task:
            raise AssertionError((task, schema.task))
        for preset in PRESETS:
            settings = make_settings(PRESETS[preset] | {"epochs": 8, "random_state": 3})
            # The article does not scale numbers: with large ones every probability is 0 or 1.
            left_out = LARGE_NUMBERS if preset == "article" else ()
            features = [one.name for one in schema.features if one.name not in left_out]
            trained = train_table(frame, schema.with_features(features), settings)
            content = trained.bundle.to_bytes()
            name = f"{task}-{preset}"
            (FOLDER / f"{name}.nfm").write_bytes(content)
            bundle = load_bundle(content)
            answers[name] = {
                "settings": bundle.settings.model_dump(mode="json"),
                "classes": None if task == "regression" else bundle.classes.tolist(),
                "history": [epoch.to_dict() for epoch in bundle.history],
                "typed": answer(bundle, frame),
                "text": answer(bundle, as_text(frame)),
                "outputs": outputs(bundle, frame),
                "first_five_text_rows": answer(bundle, as_text(frame).head(5)),
            }
    write("bundle_tables.json", tables)
    write("bundle_answers.json", answers)


def make_database() -> None:
    """A store as the app fills it, and what is to be found in it."""
    path = FOLDER / "store.sqlite3"
    path.unlink(missing_ok=True)
    store = Store(f"sqlite:///{path}")
    engine = Engine(store)
    engine.start()
    try:
        fill(store, engine)
    finally:
        engine.close()
        store.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    connection.execute("VACUUM")
    connection.close()
    reopened = Store(f"sqlite:///{path}")
    expected = {
        workspace: {
            "datasets": [dataset_state(reopened, one) for one in reopened.datasets(workspace)],
            "runs": [run_state(reopened, one) for one in reopened.runs(workspace)],
        }
        for workspace in (WORKSPACE, OTHER_WORKSPACE)
    }
    expected[WORKSPACE]["remembered"] = {
        key: reopened.get_preference(WORKSPACE, key) for key in ("dataset", "run")
    }
    reopened.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    write("store.json", expected)


def fill(store: Store, engine: Engine) -> None:
    patients = add(store, "patients.csv", make_table("binary").to_csv(index=False).encode())
    recommended = start(store, engine, patients, "recommended")
    article = start(store, engine, patients, "article")
    store.rename_run(WORKSPACE, article.id, "As in the article")
    store.note_run(WORKSPACE, article.id, "Zahlen gehören neben die Paare.")
    # What is changed afterwards: runs keep the schema and the split that they were made with.
    store.update_dataset(
        WORKSPACE,
        patients.id,
        name="Patients, fewer columns",
        schema=patients.schema.with_features(["ward", "age", "dose"]),
        split=SplitOptions(test_fraction=0.3, validation_fraction=0.1, random_state=5),
    )
    start(store, engine, patients, "paper", {"numeric": "concat", "hidden_units": (16,)})

    apples = add(
        store,
        "Äpfel Export.csv",
        apples_file(),
        ReadingOptions(
            encoding="cp1252",
            delimiter=";",
            decimal=",",
            has_header=True,
            skip_lines=1,
            missing=("", "k.A.", "-9"),
        ),
        target="Sorte",
        kinds={"Plantage": "categorical"},
        split=SplitOptions(test_fraction=0.25, group_column="Baum"),
    )
    paper = start(store, engine, apples, "paper")
    engine.submit(store.continue_run(WORKSPACE, paper.id, 3))
    finish(engine, paper)

    flats = add(
        store,
        "flats.xlsx",
        flats_workbook(),
        ReadingOptions(sheet="Flats"),
        target="rent",
        split=SplitOptions(time_column="built", validation_fraction=0.1),
    )
    start(store, engine, flats, "recommended", {"embedding_dim": 8, "hidden_units": (32, 16)})

    parquet = io.BytesIO()
    make_table("multiclass").to_parquet(parquet, index=False)
    typed = add(
        store,
        "apples.parquet",
        parquet.getvalue(),
        target="variety",
        split=SplitOptions(stratify=False, random_state=7),
        workspace=OTHER_WORKSPACE,
    )
    interrupted = store.add_run(OTHER_WORKSPACE, typed.id, Settings(epochs=4))
    store.begin_run(OTHER_WORKSPACE, interrupted.id)
    first, second = store.run(WORKSPACE, recommended.id).epochs[:2]
    store.record_epochs(OTHER_WORKSPACE, interrupted.id, [first])
    store.record_epochs(OTHER_WORKSPACE, interrupted.id, [second])
    store.finish_run(
        OTHER_WORKSPACE, interrupted.id, "interrupted", "The server was shut down before it ended."
    )
    deleted = store.add_run(OTHER_WORKSPACE, typed.id, Settings())
    store.finish_run(OTHER_WORKSPACE, deleted.id, "cancelled")
    store.delete_run(OTHER_WORKSPACE, deleted.id)
    opened = load_bundle((FOLDER / "regression-paper.nfm").read_bytes())
    store.add_model(OTHER_WORKSPACE, "regression-paper.nfm", opened, SplitOptions())

    store.set_preference(WORKSPACE, "dataset", apples.id)
    store.set_preference(WORKSPACE, "run", paper.id)
    store.visit(WORKSPACE)


def add(
    store: Store,
    name: str,
    content: bytes,
    options: ReadingOptions | None = None,
    *,
    target: str | None = None,
    kinds: dict[str, Any] | None = None,
    split: SplitOptions | None = None,
    workspace: str = WORKSPACE,
) -> Dataset:
    """Keep a file as the Data page does."""
    table = read_table_file(content, name, options)
    schema = infer_schema(table.frame, target)
    for column, kind in (kinds or {}).items():
        schema = schema.with_column(column, kind=kind)
    return store.add_dataset(
        workspace, name, content, table.options, schema, split or SplitOptions()
    )


def start(
    store: Store,
    engine: Engine,
    dataset: Dataset,
    preset: str,
    changed: dict[str, Any] | None = None,
) -> Run:
    """Train as the Train page does, to the end."""
    values = PRESETS[preset] | {"epochs": 5} | (changed or {})
    split = store.dataset(WORKSPACE, dataset.id).split
    values |= {"validation_fraction": split.validation_fraction}
    run = store.add_run(WORKSPACE, dataset.id, make_settings(values))
    engine.submit(run)
    finish(engine, run)
    return run


def finish(engine: Engine, run: Run) -> None:
    while engine.live(run.id).active:
        time.sleep(0.1)
    if engine.live(run.id).status not in ("completed", "early_stopped"):
        raise AssertionError(engine.live(run.id))


def apples_file() -> bytes:
    """A German export: a title above the table, cells that say that nothing is there."""
    frame = make_table("multiclass")
    random = np.random.default_rng(14)
    table = pd.DataFrame(
        {
            "Baum": random.integers(1, 31, len(frame)),
            "Gewicht": [_comma(cell) if cell == cell else "k.A." for cell in frame["weight"]],
            "Zucker": [_comma(cell) if cell < 11.5 else "-9" for cell in frame["sugar"]],
            "Ernte": frame["harvest"],
            "Farbe": frame["colour"].fillna("n/a"),
            "Plantage": frame["orchard"].astype(int),
            "Bio": frame["organic"].map({True: "ja", False: "nein"}),
            "Gepflückt": frame["picked"].dt.strftime("%d.%m.%Y %H:%M"),
            "Sorte": frame["variety"],
        }
    )
    text = table.to_csv(index=False, sep=";", lineterminator="\r\n")
    return f"Ernte 2023 in Höfen\r\n{text}".encode("cp1252")


def _comma(number: float) -> str:
    return str(number).replace(".", ",")


def flats_workbook() -> bytes:
    """Two sheets; the second one is the table."""
    content = io.BytesIO()
    frame = make_table("regression").head(110)
    frame = frame.assign(built=pd.to_datetime(frame["built"], format="%m/%d/%Y"))
    with pd.ExcelWriter(content, engine="openpyxl") as writer:
        note = pd.DataFrame({"Note": ["See the other sheet."]})
        note.to_excel(writer, sheet_name="Read me", index=False)
        frame.to_excel(writer, sheet_name="Flats", index=False)
    return content.getvalue()


def dataset_state(store: Store, dataset: Dataset) -> dict[str, Any]:
    content = store.content(dataset.workspace, dataset.id)
    return {
        "id": dataset.id,
        "name": dataset.name,
        "content_hash": dataset.content_hash,
        "size": dataset.size,
        "options": dataset.options.model_dump(mode="json"),
        "schema": schema_state(dataset.schema),
        "split": dataset.split.model_dump(mode="json"),
        "frame": to_state(read_table_file(content, dataset.name, dataset.options).frame),
    }


def run_state(store: Store, run: Run) -> dict[str, Any]:
    state = {
        "id": run.id,
        "number": run.number,
        "dataset_id": run.dataset_id,
        "name": run.name,
        "note": run.note,
        "status": run.status,
        "reason": run.reason,
        "settings": run.settings.model_dump(mode="json"),
        "schema": schema_state(run.schema),
        "split": run.split.model_dump(mode="json"),
        "history": [epoch_state(epoch) for epoch in run.epochs],
        "test_metrics": None if run.test_metrics is None else vars(run.test_metrics),
        "has_model": run.has_model,
        "models_made": run.models_made,
    }
    if run.dataset_id:
        dataset = store.dataset(run.workspace, run.dataset_id)
        content = store.content(run.workspace, run.dataset_id)
        frame = read_table_file(content, dataset.name, dataset.options).frame
        rows = SplitTable.of(frame, run.schema, run.split).split
        state["rows"] = {
            part: getattr(rows, part).tolist() for part in ("train", "validation", "test")
        }
        if run.has_model:
            bundle = load_bundle(store.bundle(run.workspace, run.id) or b"")
            state["answers"] = answer(bundle, frame)
            state["outputs"] = outputs(bundle, frame)
    return state


def schema_state(schema: Schema) -> dict[str, Any]:
    return schema.model_dump(mode="json")


def epoch_state(epoch: Epoch) -> dict[str, Any]:
    return epoch.to_dict()


def answer(bundle: Bundle, frame: pd.DataFrame) -> list[Any]:
    """Probabilities, or numbers."""
    regression = bundle.target.task == "regression"
    return ten_digits(bundle.predict(frame) if regression else bundle.predict_proba(frame))


def outputs(bundle: Bundle, frame: pd.DataFrame) -> list[Any]:
    """What the network gives, which still differs where all probabilities are 0 or 1."""
    return ten_digits(bundle.outputs(bundle.encoder.transform(frame)))


def ten_digits(numbers: np.ndarray) -> list[Any]:
    return np.vectorize(lambda number: float(f"{number:.10g}"))(numbers).tolist()


def make_links() -> None:
    """Links of lessons, as the app writes them and as a person may have changed them."""
    lessons = [
        Lesson(data="titanic", settings=make_settings(PRESETS["recommended"] | {"epochs": 20})),
        Lesson(data="penguins", settings=make_settings(PRESETS["article"]), row=3),
        Lesson(
            data="cars",
            settings=make_settings(PRESETS["paper"] | {"hidden_units": (), "batch_size": None}),
            split=SplitOptions(test_fraction=0.3, random_state=4, stratify=False),
            hide=True,
        ),
        Lesson(
            data="titanic",
            features=("Sex", "Age", "Cabin"),
            kinds={"Age": "categorical"},
            split=SplitOptions(group_column="Ticket"),
            row=12,
            edits={"Sex": "female", "Fare": "7,25", "Cabin": ""},
            threshold=0.35,
        ),
        Lesson(data="titanic", target="Age", task="regression"),
        Lesson(
            data="xor",
            settings=Settings(
                interaction="fm", constant_field=False, class_weight="balanced", min_level_count=2
            ),
        ),
        Lesson(settings=Settings(optimizer="sgd", learning_rate=0.5, l2_hidden=1e-3)),
    ]
    queries = [write_lesson(lesson) for lesson in lessons]
    queries += [
        "lesson=1&data=titanic&preset=recommended&epochs=20&random_state=7&row=1&edit.Sex=female",
        "lesson=1&data=titanic&epochs=-3&colour=red&split.test_fraction=0.25",
        "lesson=2&data=titanic",
        "lesson=1&data=atlantis&row=2",
    ]
    write("links.json", [link_state(query) for query in queries])


def link_state(query: str) -> dict[str, Any]:
    lesson, problems = read_lesson(parse_qs(query, keep_blank_values=True))
    return {"query": query, "lesson": lesson.model_dump(mode="json"), "problems": list(problems)}


def write(name: str, state: Any) -> None:
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

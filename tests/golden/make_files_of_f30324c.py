"""Makes the golden files of commit f30324c; ran once, with that commit's code. Never run it again.

It is the last commit before the settings `constant_field` and `weight_averaging`, and its
database has tables of version 1. From a folder that holds the tree of f30324c:

    PYTHONPATH=.:REPOSITORY python REPOSITORY/tests/golden/make_files_of_f30324c.py
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
from golden_tables import TARGETS, make_table, to_state

from nfm.files.reading import read_table_file
from nfm.inference.bundle import load_bundle
from nfm.jobs.worker.training_job import JobTrainer, TrainingJob
from nfm.settings import Settings
from nfm.store.store import Store
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.splitting import SplitOptions, split_rows

FOLDER = Path(__file__).parent
WORKSPACE = "golden-workspace"


def main() -> None:
    if "constant_field" in Settings.model_fields:
        raise SystemExit("These files are of f30324c: see the first lines of this script.")
    path = FOLDER / "store_of_f30324c.sqlite3"
    path.unlink(missing_ok=True)
    store = Store(f"sqlite:///{path}")
    expected = {}
    for task, target in TARGETS.items():
        content = make_table(task).to_csv(index=False).encode()
        table = read_table_file(content, f"{task}.csv")
        schema = infer_schema(table.frame, target)
        dataset = store.add_dataset(
            WORKSPACE, f"{task}.csv", content, table.options, schema, SplitOptions()
        )
        settings = Settings(epochs=6, embedding_dim=8, hidden_units=(16,), random_state=3)
        run = store.add_run(WORKSPACE, dataset.id, settings)
        store.begin_run(WORKSPACE, run.id)
        trainer = JobTrainer(
            TrainingJob(
                run.id, "", "", dataset.name, content, table.options, schema, run.split, settings
            )
        )
        trainer.read()
        trainer.prepare()
        epochs = list(trainer.epochs(lambda: False))
        packed, metrics = trainer.bundle(), trainer.test()
        store.finish_run(
            WORKSPACE,
            run.id,
            trainer.status,
            epochs=epochs,
            test_metrics=metrics,
            bundle=packed,
        )
        bundle = load_bundle(packed)
        rows = split_rows(table.frame, table.frame[target], schema.task, run.split)
        found = bundle.scorer.logits(bundle.encoder.transform(table.frame))
        expected[task] = {
            "run": run.id,
            "frame": to_state(table.frame),
            "rows": {
                part: getattr(rows, part).tolist() for part in ("train", "validation", "test")
            },
            "history": [epoch.to_dict() for epoch in epochs],
            "test_metrics": vars(metrics),
            "outputs": np.vectorize(lambda number: float(f"{number:.10g}"))(found).tolist(),
        }
    store.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("VACUUM")
    connection.close()
    text = json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    (FOLDER / "of_f30324c.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

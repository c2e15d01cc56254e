"""An app that trains: starts an engine and a run that never ends, and says which processes it has.

Usage: python app_with_a_run.py DATABASE_URL SCHEMA_JSON SCRIPT
"""

from __future__ import annotations

import sys
import time

import psutil
from scripted_training import stay_cold, train

from nfm.environment import environment
from nfm.files.reading import ReadingOptions
from nfm.jobs.engine import Engine
from nfm.settings import Settings
from nfm.store.store import Store
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions


def main(url: str, schema: str, script: str) -> None:
    store = Store(url)
    engine = Engine(store, train, stay_cold)
    engine.start()
    dataset = store.add_dataset(
        "somebody",
        "script.csv",
        script.encode(),
        ReadingOptions(),
        Schema.model_validate_json(schema),
        SplitOptions(),
    )
    run = store.add_run("somebody", dataset.id, Settings())
    engine.submit(run)
    checkpoints = environment().data_directory / "checkpoints"
    while not (store.run("somebody", run.id).epochs and list(checkpoints.glob("*.outcome"))):
        time.sleep(0.02)
    children = psutil.Process().children(recursive=True)
    sys.stdout.write(" ".join(str(child.pid) for child in children) + "\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])

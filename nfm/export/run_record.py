"""A run as JSON: its table, schema, split, settings and figures, for people and programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from nfm.inference.bundle import Bundle
from nfm.store.records import Dataset, Run
from nfm.version import __version__


def run_record(run: Run, dataset: Dataset | None, bundle: Bundle) -> str:
    """Return the settings and results of a run as JSON.

    Args:
        run: The run.
        dataset: The table that it learned from; None if it is gone.
        bundle: Its model.

    Returns:
        JSON, indented; the settings stand under "settings", as `nfm.Settings` reads them.
    """
    record: dict[str, Any] = {
        "format": "nfm-run",
        "version": 1,
        "nfm_version": __version__,
        "name": run.name,
        "status": run.status,
        "created": run.created.isoformat(),
        "finished": None if run.finished is None else run.finished.isoformat(),
        "table": None
        if dataset is None
        else {
            "name": dataset.name,
            "sha256": dataset.content_hash,
            "bytes": dataset.size,
            "reading": dataset.options.model_dump(mode="json"),
        },
        "target": run.schema.target,
        "task": run.schema.task,
        "features": [column.name for column in run.schema.features],
        "settings": run.settings.model_dump(mode="json"),
        "split": run.split.model_dump(mode="json"),
        "schema": run.schema.model_dump(mode="json"),
        "best_epoch": bundle.best_epoch,
        "test_metrics": None if run.test_metrics is None else asdict(run.test_metrics),
        "epochs": [epoch.to_dict() for epoch in run.epochs],
    }
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

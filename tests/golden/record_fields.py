"""Records which fields this version keeps: run at a release, never to make a test pass.

PYTHONPATH=. python tests/golden/record_fields.py
"""

from __future__ import annotations

import json
from pathlib import Path

from nfm.compatibility import BUNDLE_VERSION, DATABASE_VERSION, stored_fields
from nfm.epoch import Epoch, Metrics
from nfm.files.options import ReadingOptions
from nfm.inference.manifest import Manifest
from nfm.settings import Settings
from nfm.store.records import DecisionRule
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions

IN_BUNDLES = (Manifest,)
IN_THE_STORE = (Settings, Schema, SplitOptions, ReadingOptions, Epoch, Metrics, DecisionRule)


def fields_within(*models: type) -> dict[str, list[str]]:
    """Return the fields of these models and of the models in them, by the model's name."""
    found: dict[str, list[str]] = {}
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        fields = stored_fields(model)
        found[model.__name__] = sorted(fields)
        waiting += [nested[0] for nested in fields.values() if nested]
    return found


def main() -> None:
    recorded = {
        "bundle": BUNDLE_VERSION,
        "store": DATABASE_VERSION,
        "fields": fields_within(*IN_BUNDLES, *IN_THE_STORE),
    }
    text = json.dumps(recorded, indent=1, sort_keys=True)
    (Path(__file__).parent / "fields.json").write_text(text + "\n")


if __name__ == "__main__":
    main()

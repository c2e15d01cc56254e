"""Files that describe a run: a Python script that repeats it, and a JSON record.

In the script, all user text (names of files, columns and levels) is written as Python literals, so
that no name can become code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pprint import pformat
from typing import Any

import pandas as pd
from pydantic import BaseModel

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.missing_words import MISSING_WORDS
from nfm.files.options import ReadingOptions
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.store.records import Dataset, Run
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions
from nfm.tabular.target_values import class_counts
from nfm.training.train_table import run_metrics
from nfm.version import __version__

_WIDTH = 88
_ALWAYS = ("test_fraction", "validation_fraction", "random_state")


def run_code(
    run: Run,
    dataset: Dataset,
    frame: pd.DataFrame,
    bundle: Bundle,
    *,
    data_file: str,
    model_file: str,
    sample: str | None = None,
) -> str:
    """Write a script that repeats the training of a run.

    Args:
        run: The run.
        dataset: The table that it was trained on.
        frame: The rows of this table.
        bundle: Model of the run.
        data_file: Path of the table's file for the script.
        model_file: Path where the script saves the model.
        sample: Key of the sample if the table is a sample without a file; else None.

    Returns:
        Python code; with the same version of the package it gives the same metrics.
    """
    names = ["Settings", "SplitOptions", "infer_schema", "train_table"]
    names += [] if run.schema.dictionary is None else ["DataDictionary"]
    if sample is None:
        reading = _changed(dataset.options)
        if reading.get("missing") == MISSING_WORDS:
            del reading["missing"]
        options = _call("ReadingOptions", **_literals(reading))
        names += ["ReadingOptions", "read_table"]
        names += ["ColumnFormat"] if dataset.options.formats else []
        imports = [f"from nfm import {', '.join(sorted(names))}"]
        read = _call("read_table", _literal(data_file), options)
    else:
        imports = [
            f"from nfm import {', '.join(sorted(names))}",
            "from nfm.tabular.samples import load_sample",
        ]
        read = _call("load_sample", _literal(sample))
    split = {name: getattr(run.split, name) for name in _ALWAYS} | _changed(run.split)
    blocks = [
        '"""Trains the model again and prints the metrics that NFM Lab shows.\n\n'
        f"Written by NFM Lab {__version__}. It needs the package nfm of that version, and the\n"
        'file of the table where it is read below.\n"""',
        "\n".join(imports),
        f"frame = {read}",
        _schema(run.schema, frame),
        f"settings = {_call('Settings', **_literals(_changed(run.settings)))}\n"
        f"split = {_call('SplitOptions', **_literals(split))}",
        "trained = train_table(frame, schema, settings, split)\n"
        "for name, value in trained.figures.items():\n"
        '    print(f"{name:>20}  {value:.6g}")\n'
        f"trained.bundle.save({_literal(model_file)})",
        _figures(run, bundle),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _figures(run: Run, bundle: Bundle) -> str:
    if changed_by_hand(run):
        return (
            "# This run was changed by hand during training. The script uses the settings alone,\n"
            "# so its metrics differ from those in the app."
        )
    rows = [
        f"# {name:>20}  {value:.6g}"
        for name, value in run_metrics(bundle, run.test_metrics).items()
    ]
    return "\n".join(["# The app shows:", *rows])


def changed_by_hand(run: Run) -> bool:
    """Return whether a run differs from what its settings alone would give.

    That is so if it was stopped, resumed after its end, trained with a changed learning rate, or
    ended for a reason outside the settings.
    """
    return (
        run.status == "stopped"
        or run.reason is not None
        or len(run.epochs) > run.settings.epochs
        or any(epoch.learning_rate != run.settings.learning_rate for epoch in run.epochs)
        or _outlived_its_patience(run)
    )


def _outlived_its_patience(run: Run) -> bool:
    """Return whether epochs follow the one at which early stopping would have ended training."""
    if not run.settings.early_stopping or not any(epoch.validation for epoch in run.epochs):
        return False
    best = 0
    for epoch in run.epochs[:-1]:
        best = epoch.number if epoch.best else best
        if epoch.number - best >= run.settings.patience:
            return True
    return False


def _schema(schema: Schema, frame: pd.DataFrame) -> str:
    """Write the code that infers the schema and repeats changes made by hand."""
    guessed = infer_schema(frame, schema.target, schema.task)
    target, task = _literal(schema.target), _literal(schema.task)
    lines = [f"schema = {_call('infer_schema', 'frame', target=target, task=task)}"]
    for column, found in zip(schema.columns, guessed.columns, strict=True):
        if column.kind != found.kind:
            name, kind = _literal(column.name), _literal(column.kind)
            lines.append(f"schema = {_call('schema.with_column', name, kind=kind)}")
    if schema.dictionary is not None:
        words = pformat(schema.dictionary.model_dump(exclude_defaults=True), sort_dicts=False)
        words = _call("DataDictionary.model_validate", words)
        lines.append(f"schema = {_call('schema.with_dictionary', words)}")
    if schema.unit != guessed.unit or schema.dictionary is not None:
        lines.append(f"schema = {_call('schema.with_unit', _literal(schema.unit))}")
    if schema.target is not None and schema.positive != guessed.positive:
        positive = schema.positive or class_counts(schema.read(frame)[schema.target])[-1][0]
        lines.append(f"schema = {_call('schema.with_positive', _literal(positive), 'frame')}")
    features = [column.name for column in schema.features]
    lines.append(f"schema = {_call('schema.with_features', _literal(features))}")
    return "\n".join(lines)


def _changed(model: Settings | SplitOptions | ReadingOptions | ColumnFormat) -> dict[str, Any]:
    """Return the fields that differ from their defaults."""
    usual: BaseModel = type(model)()
    return {
        name: value
        for name in type(model).model_fields
        if (value := getattr(model, name)) != getattr(usual, name)
    }


def _literals(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: _literal(value) for name, value in fields.items()}


def _literal(value: Any) -> str:
    """Write a value as a Python literal, text in double quotes if that needs no escapes."""
    if isinstance(value, ColumnFormat):
        fields = _literals(_changed(value)).items()
        return f"ColumnFormat({', '.join(f'{name}={text}' for name, text in fields)})"
    if isinstance(value, list | tuple):
        items = [_literal(item) for item in value]
        opening, closing = "[]" if isinstance(value, list) else "()"
        line = opening + ", ".join(items) + ("," if closing == ")" and len(items) == 1 else "")
        if len(line) <= _WIDTH - 20:
            return line + closing
        return "\n".join([opening, *(f"    {item}," for item in items), closing])
    written = repr(value)
    if isinstance(value, str) and written.startswith("'") and '"' not in written:
        return f'"{written[1:-1]}"'
    return written


def _call(name: str, /, *arguments: str, **keywords: str) -> str:
    """Write a call, on one line if it fits."""
    written = [*arguments, *(f"{key}={value}" for key, value in keywords.items())]
    line = f"{name}({', '.join(written)})"
    if len(line) <= _WIDTH - 12 and "\n" not in line:
        return line
    if len(written) == 1 and written[0].startswith("["):
        return line
    inside = [f"    {argument},".replace("\n", "\n    ") for argument in written]
    return "\n".join([f"{name}(", *inside, ")"])


def run_record(run: Run, dataset: Dataset | None, bundle: Bundle) -> str:
    """Return the settings and results of a run as JSON.

    Args:
        run: The run.
        dataset: The table that it was trained on; None if it has been deleted.
        bundle: Model of the run.

    Returns:
        Indented JSON; `nfm.Settings` reads the value of "settings".
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

"""How runs differ: their settings, columns and results, as texts for tables and legends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nfm.epoch import Metrics
from nfm.figures.number_format import fixed
from nfm.lesson_links.lesson import nearest_preset
from nfm.settings import Settings, setting_info
from nfm.store.records import Run, Status
from nfm.text import shorten
from nfm.ui.escaping import literal
from nfm.ui.state.settings_fields import choice_name
from nfm.ui.texts import PRESET_NAMES, short_number

_NAMED = 2  # differences in a legend

STATUS_NAMES: dict[Status, str] = {
    "queued": "Waiting",
    "running": "Training",
    "completed": "Completed",
    "early_stopped": "Stopped early",
    "stopped": "Stopped",
    "diverged": "Diverged",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "cancelled": "Cancelled",
    "opened": "From a file",
}


def describe_settings(settings: Settings) -> str:
    """Name the nearest preset and every setting that differs from it.

    Returns:
        One line (Markdown), such as "Preset Article · Epochs 10".
    """
    preset, differing = nearest_preset(settings)
    parts = [f"{setting_info(name).title} {value}" for name, value in differing.items()]
    return " · ".join([f"Preset {PRESET_NAMES[preset]}", *map(literal, parts)])


def setting_text(value: Any) -> str:
    """Return a setting's value as text for a table: "128, 64", "None", "0.001", "On".

    Args:
        value: The value, of any setting's type.
    """
    if isinstance(value, bool):
        return "On" if value else "Off"
    if value is None:
        return "Automatic"
    if isinstance(value, tuple):
        return ", ".join(str(size) for size in value) or "None"
    if isinstance(value, float):
        return short_number(value)
    return choice_name(value) if isinstance(value, str) else f"{value:,}"


def differences(runs: Sequence[Run], tables: Mapping[str, str]) -> pd.DataFrame:
    """Return what differs between runs: table, target, features, split and settings.

    Args:
        runs: At least one run.
        tables: Id to name of each data set.

    Returns:
        One row per property that is not the same for all runs, one column per run in the same
        order; the texts are not escaped.
    """
    rows = {
        "Table": [
            "–" if run.status == "opened" else tables.get(run.dataset_id, "deleted") for run in runs
        ],
        "Target": [run.schema.target or "" for run in runs],
        "Features": [", ".join(column.name for column in run.schema.features) for run in runs],
        "Test share": [f"{100 * run.split.test_fraction:g}%" for run in runs],
        "Split seed": [str(run.split.random_state) for run in runs],
    }
    for name in Settings.model_fields:
        values = [setting_text(getattr(run.settings, name)) for run in runs]
        rows[setting_info(name).title or name] = values
    names = _distinct([run.name for run in runs])
    return pd.DataFrame(
        {title: texts for title, texts in rows.items() if len(set(texts)) > 1}, index=names
    ).T


def difference_texts(runs: Sequence[Run], tables: Mapping[str, str]) -> list[str]:
    """Return one text per run on how it differs from the others: "Epochs 5 · Dropout 0".

    Args:
        runs: At least one run.
        tables: Id to name of each data set.
    """
    table = differences(runs, tables)
    return [
        " · ".join(f"{title} {shorten(text, 40)}" for title, text in table.iloc[:, place].items())
        for place in range(len(runs))
    ]


def legend_names(runs: Sequence[Run], tables: Mapping[str, str]) -> list[str]:
    """Return a name per run for a legend, with what differs: "Run 1: Linear", "Run 2: FM".

    Args:
        runs: At least one run.
        tables: Id to name of each data set.
    """
    table = differences(runs, tables).head(_NAMED)
    return [
        f"{run.name}: {', '.join(table.iloc[:, place])}" if len(table) else run.name
        for place, run in enumerate(runs)
    ]


def headline(run: Run) -> tuple[str, float] | None:
    """Return the name and the value of a run's main metric on the test rows.

    Args:
        run: The run. Without test metrics, the validation rows of its best epoch count, or of its
            last one.

    Returns:
        For instance ("test accuracy", 0.82); None if nothing was measured.
    """
    metrics: Metrics | None = run.test_metrics
    where = "test"
    if metrics is None and run.epochs:
        metrics, where = (run.best_epoch or run.epochs[-1]).validation, "validation"
    if metrics is None:
        return None
    if metrics.accuracy is not None:
        return f"{where} accuracy", metrics.accuracy
    if metrics.r2 is not None:
        return f"{where} R²", metrics.r2
    return f"{where} loss", metrics.loss


def run_table(runs: Sequence[Run], tables: Mapping[str, str]) -> pd.DataFrame:
    """Return the table of runs.

    Args:
        runs: The runs, in the order of the rows.
        tables: Id to name of each data set.

    Returns:
        One row per run; texts are not escaped. `Result` is empty where nothing was measured.
    """
    results = [headline(run) for run in runs]
    return pd.DataFrame(
        {
            "Colour": ["⬤"] * len(runs),
            "Run": [run.name for run in runs],
            "Result": ["" if one is None else _result_text(*one) for one in results],
            "Best epoch": [_best(run) for run in runs],
            "Status": [STATUS_NAMES[run.status] for run in runs],
            "Differs in": difference_texts(runs, tables),
            "Note": [run.note for run in runs],
        }
    )


def _best(run: Run) -> str:
    best = run.best_epoch
    if best is None:
        return f"– of {len(run.epochs):,}" if run.epochs else ""
    return f"{best.number:,} of {len(run.epochs):,}"


def _result_text(name: str, value: float) -> str:
    text = f"{100 * value:.1f}%" if name.endswith("accuracy") else fixed(value, 3)
    return f"{text} {name}"


def _distinct(names: list[str]) -> list[str]:
    """Number equal names: a table needs distinct names of columns."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct

"""What tells runs apart: their settings, their columns, and how well they did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from nfm.epoch import Metrics
from nfm.figures.number_format import fixed
from nfm.settings import Settings, setting_info
from nfm.store.records import Run, Status
from nfm.text import shorten
from nfm.ui.state.settings_fields import choice_name
from nfm.ui.texts import short_number

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


def setting_text(value: Any) -> str:
    """Write a setting's value for a table: "128, 64", "None", "0.001", "On"."""
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
    """Lay out in what runs differ.

    Args:
        runs: At least one.
        tables: Name of each data set by its id.

    Returns:
        A row for whatever is not the same for all, a column for each run, in their order;
        texts, as they are.
    """
    asked: dict[str, Callable[[Run], str]] = {
        "Table": lambda run: (
            "–" if run.status == "opened" else tables.get(run.dataset_id, "deleted")
        ),
        "Target": lambda run: run.schema.target or "",
        "Features": lambda run: ", ".join(column.name for column in run.schema.features),
        "Test share": lambda run: f"{100 * run.split.test_fraction:g} %",
        "Split seed": lambda run: str(run.split.random_state),
    }
    for name in Settings.model_fields:
        asked[setting_info(name).title or name] = _asks(name)
    rows = {title: [ask(run) for run in runs] for title, ask in asked.items()}
    names = _distinct([run.name for run in runs])
    return pd.DataFrame(
        {title: texts for title, texts in rows.items() if len(set(texts)) > 1}, index=names
    ).T


def told_apart(runs: Sequence[Run], tables: Mapping[str, str]) -> list[str]:
    """Say for each run in what it differs from others: "Epochs 5 · Dropout 0"."""
    table = differences(runs, tables)
    return [
        " · ".join(f"{title} {shorten(text, 40)}" for title, text in table.iloc[:, place].items())
        for place in range(len(runs))
    ]


def legend_names(runs: Sequence[Run], tables: Mapping[str, str]) -> list[str]:
    """Name runs for a legend, by what tells them apart: "Run 1: Linear", "Run 2: FM"."""
    table = differences(runs, tables).head(_NAMED)
    return [
        f"{run.name}: {', '.join(table.iloc[:, place])}" if len(table) else run.name
        for place, run in enumerate(runs)
    ]


def headline(run: Run) -> tuple[str, float] | None:
    """Return the name and the value of a run's main figure on the test rows.

    Without test rows it is that of the best, or else the last, epoch's validation rows.
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
    """Lay out runs, one per row.

    Args:
        runs: In the order of the rows.
        tables: Name of each data set by its id.

    Returns:
        Texts and numbers, as they are; `Result` is empty where nothing was measured.
    """
    figures = [headline(run) for run in runs]
    return pd.DataFrame(
        {
            "Colour": ["⬤"] * len(runs),
            "Run": [run.name for run in runs],
            "Result": ["" if one is None else _figure(*one) for one in figures],
            "Best epoch": [_best(run) for run in runs],
            "Status": [STATUS_NAMES[run.status] for run in runs],
            "Differs in": told_apart(runs, tables),
            "Note": [run.note for run in runs],
        }
    )


def _asks(name: str) -> Callable[[Run], str]:
    return lambda run: setting_text(getattr(run.settings, name))


def _best(run: Run) -> str:
    best = run.best_epoch
    if best is None:
        return f"– of {len(run.epochs):,}" if run.epochs else ""
    return f"{best.number:,} of {len(run.epochs):,}"


def _figure(name: str, value: float) -> str:
    text = f"{100 * value:.1f} %" if name.endswith("accuracy") else fixed(value, 3)
    return f"{text} {name}"


def _distinct(names: list[str]) -> list[str]:
    """Tell equal names apart, which a table needs of its columns."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told

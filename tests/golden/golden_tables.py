"""The tables of the golden files, and how they are written as JSON and read back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

TARGETS = {"binary": "readmitted", "multiclass": "variety", "regression": "rent"}


def make_table(task: str) -> pd.DataFrame:
    """Return a small table with columns of every kind and style."""
    return {"binary": _patients, "multiclass": _apples, "regression": _flats}[task]()


def _patients() -> pd.DataFrame:
    """Numbers with a decimal comma, dates with dots, booleans with and without missing ones."""
    random = np.random.default_rng(11)
    rows = 120
    age = random.integers(19, 94, rows)
    ward = random.choice(["surgery", "cardiology", "neurology", "oncology"], rows)
    smoker = random.random(rows) < 0.3
    dose = np.round(random.gamma(4, 3, rows), 1)
    admitted = pd.Timestamp("2024-01-03") + pd.to_timedelta(random.integers(0, 300, rows), "D")
    logit = (age - 60) / 15 + 1.2 * smoker - 1.0 * (ward == "surgery") + (dose - 12) / 8
    readmitted = random.random(rows) < 1 / (1 + np.exp(-logit))
    return pd.DataFrame(
        {
            "patient": [f"P{1000 + row}" for row in range(rows)],
            "ward": _with_gaps(pd.Series(ward, dtype="str"), random, 0.08),
            "age": age,
            "weight": _with_gaps(pd.Series(np.round(random.normal(76, 14, rows), 1)), random, 0.1),
            "smoker": smoker,
            "insured": _with_gaps(
                pd.Series(random.random(rows) < 0.7, dtype="boolean"), random, 0.1
            ),
            "dose": _with_gaps(
                pd.Series([f"{value:.1f}".replace(".", ",") for value in dose], dtype="str"),
                random,
                0.05,
            ),
            "admitted": pd.Series(admitted.strftime("%d.%m.%Y"), dtype="str"),
            "triage": random.integers(1, 4, rows),
            "readmitted": pd.Series(np.where(readmitted, "yes", "no"), dtype="str"),
        }
    )


def _apples() -> pd.DataFrame:
    """Numbers with points for thousands and a decimal comma, typed moments, codes as text."""
    random = np.random.default_rng(12)
    rows = 90
    variety = random.choice(["Boskoop", "Gala", "Jonagold"], rows)
    place = np.select([variety == "Boskoop", variety == "Gala"], [0.0, 1.0], 2.0)
    weight = np.round(120 + 30 * place + random.normal(0, 12, rows), 1)
    harvest = 800.0 + 2_000 * random.random(rows) + 300 * place
    picked = pd.Timestamp("2023-08-20 06:00") + pd.to_timedelta(
        random.integers(0, 60 * 24, rows) + 24 * 8 * place, "h"
    )
    return pd.DataFrame(
        {
            "weight": _with_gaps(pd.Series(weight), random, 0.07),
            "sugar": np.round(9 + place + random.normal(0, 0.8, rows), 2),
            "harvest": pd.Series([_german(value) for value in harvest], dtype="str"),
            "colour": _with_gaps(
                pd.Series(random.choice(["red", "green", "yellow"], rows), dtype="str"), random, 0.1
            ),
            "orchard": pd.Series(random.choice(["01", "02", "03", "07"], rows), dtype="str"),
            "organic": random.random(rows) < 0.5,
            "picked": pd.Series(picked).astype("datetime64[s]"),
            "variety": pd.Series(variety, dtype="str"),
        }
    )


def _flats() -> pd.DataFrame:
    """Dates with slashes, thousands with commas, a level that is a number, a numeric target."""
    random = np.random.default_rng(13)
    rows = 150
    size = np.round(random.gamma(9, 8, rows) + 15, 1)
    district = random.choice(["north", "south", "east", "west", "old town"], rows)
    balcony = random.random(rows) < 0.4
    built = pd.Timestamp("1968-02-01") + pd.to_timedelta(random.integers(0, 20_000, rows), "D")
    income = random.integers(900, 9_900, rows)
    rent = 180 + 9.5 * size + 140 * balcony + 200 * (district == "old town") + income / 40
    return pd.DataFrame(
        {
            "size": size,
            "rooms": _with_gaps(pd.Series(np.ceil(size / 28).astype(float)), random, 0.06),
            "district": _with_gaps(pd.Series(district, dtype="str"), random, 0.05),
            "balcony": balcony,
            "heating": pd.Series(
                random.choice(["gas", "oil", "district", "none"], rows), dtype="str"
            ),
            "built": pd.Series([f"{day.month}/{day.day}/{day.year}" for day in built], dtype="str"),
            "income": pd.Series([f"{value:,}" for value in income], dtype="str"),
            "floor": random.integers(0, 5, rows),
            "rent": np.round(rent + random.normal(0, 40, rows), 2),
        }
    )


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table as a reader gives it that keeps every cell as text."""
    return pd.DataFrame(
        {
            name: pd.Series(
                [None if pd.isna(cell) else str(cell) for cell in frame[name]], dtype=object
            )
            for name in frame.columns
        }
    )


def to_state(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a table as JSON takes it: dtype and cells of every column, None where missing."""
    return {
        name: {"dtype": str(frame[name].dtype), "cells": [_cell(cell) for cell in frame[name]]}
        for name in frame.columns
    }


def from_state(state: dict[str, Any]) -> pd.DataFrame:
    """Return the table that `to_state` wrote."""
    return pd.DataFrame(
        {
            name: pd.Series(column["cells"], dtype=column["dtype"])
            if not column["dtype"].startswith("datetime")
            else pd.to_datetime(pd.Series(column["cells"]), format="ISO8601").astype(
                column["dtype"]
            )
            for name, column in state.items()
        }
    )


def _cell(cell: Any) -> Any:
    if pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    return cell.item() if isinstance(cell, np.generic) else cell


def _german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def _with_gaps(values: pd.Series, random: np.random.Generator, share: float) -> pd.Series:
    return values.mask(random.random(len(values)) < share)

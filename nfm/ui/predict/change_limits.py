"""Constraints on counterfactuals: fixed columns, and limits for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from nfm.explanation.column_moves import NO_LIMIT, ColumnLimit, Direction
from nfm.explanation.counterfactual import MOST_CHANGES, immutable_columns
from nfm.ui.escaping import literal
from nfm.ui.predict.prediction_request import PredictionRequest
from nfm.ui.state.form_fields import FormField
from nfm.ui.texts import short_number

_DAY_ZERO = date(1970, 1, 1)
_EARLIEST, _LATEST = date(1600, 1, 1), date(2400, 1, 1)
_DIRECTIONS: dict[str, dict[Direction, str]] = {
    "number": {"either": "Higher or lower", "up": "Only higher", "down": "Only lower"},
    "text": {"either": "Later or earlier", "up": "Only later", "down": "Only earlier"},
}


@dataclass(frozen=True)
class ChangeLimits:
    """Constraints on the search for counterfactuals.

    Attributes:
        locked: Columns that are kept fixed.
        limits: Allowed values of other columns.
        most_changes: Maximum number of changed columns.
    """

    locked: tuple[str, ...]
    limits: Mapping[str, ColumnLimit]
    most_changes: int


def choose(request: PredictionRequest) -> ChangeLimits:
    """Draw the widgets and return the constraints."""
    wording, run_id = request.wording, request.run_id
    columns = [field.name for field in request.fields]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    locked = left.multiselect(
        "Keep fixed",
        columns,
        default=immutable_columns(columns),
        format_func=wording.column,
        key=f"locks.{run_id}",
        persist_state="session",
        placeholder="Every column may change",
    )
    most_changes = right.number_input(
        "Maximum changes",
        1,
        MOST_CHANGES,
        MOST_CHANGES,
        key=f"most_changes.{run_id}",
        persist_state="session",
        help="How many columns may change at once.",
    )
    limited = st.multiselect(
        "Limit how far they may change",
        [
            field.name
            for field in request.fields
            if field.name not in locked and field.widget != "list"
        ],
        format_func=wording.column,
        key=f"limited.{run_id}",
        persist_state="session",
        placeholder="Any value of the training rows",
        help="Choose a column, then its range and direction: only higher, say, or at most 3.",
    )
    fields = {field.name: field for field in request.fields}
    limits = {}
    for column in limited:
        limit = _choose_limit(run_id, columns.index(column), fields[column])
        if limit != NO_LIMIT:
            limits[column] = limit
        ends = (limit.minimum, limit.maximum)
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            st.warning(
                f"{literal(wording.column(column))}: the smallest allowed value is larger than "
                "the largest, so this column cannot change. Swap the two values.",
                icon=":material/warning:",
            )
    return ChangeLimits(tuple(locked), limits, int(most_changes))


def limits_sentence(request: PredictionRequest, allowed: ChangeLimits) -> str:
    """Describe the constraints as plain text; empty without constraints."""
    fields = {field.name: field for field in request.fields}
    parts = [
        f"{request.wording.column(column)} {_limit_words(fields[column], limit)}"
        for column, limit in allowed.limits.items()
    ]
    if allowed.locked:
        locked = ", ".join(request.wording.column(column) for column in allowed.locked)
        parts.append(f"unchanged: {locked}")
    return f"Within your limits: {'; '.join(parts)}." if parts else ""


def _limit_words(field: FormField, limit: ColumnLimit) -> str:
    if limit.levels is not None:
        names = dict(zip(field.levels, field.words or field.levels, strict=True))
        return f"one of {', '.join(names.get(level, level) for level in limit.levels)}"
    words = []
    if limit.direction != "either":
        words.append(_DIRECTIONS[field.widget][limit.direction].lower())
    for word, end in (("from", limit.minimum), ("up to", limit.maximum)):
        if end is not None:
            is_date = field.widget == "text"
            shown = str(_DAY_ZERO + timedelta(days=end)) if is_date else short_number(end)
            words.append(f"{word} {shown}")
    return " ".join(words)


def _choose_limit(run_id: str, place: int, field: FormField) -> ColumnLimit:
    title = literal(field.title)
    key = f"{run_id}.{place}"
    common: dict[str, Any] = {"persist_state": "session"}
    if field.widget == "levels":
        words = field.words or field.levels
        codes = st.multiselect(
            f"{title} may become",
            field.codes,
            format_func=words.__getitem__,
            key=f"allowed_levels.{key}",
            placeholder="Any level",
            **common,
        )
        return ColumnLimit(levels=tuple(field.levels[code] for code in codes) or None)
    direction, low, high = st.columns(3, vertical_alignment="bottom")
    names = _DIRECTIONS[field.widget]
    chosen = direction.selectbox(
        f"{title} may become",
        list(names),
        format_func=names.__getitem__,
        key=f"allowed_direction.{key}",
        **common,
    )
    if field.widget == "number":
        smallest, largest = (
            column.number_input(
                f"{title} {word}",
                value=None,
                step=1 if field.whole else field.step,
                format="%d" if field.whole else "%g",
                placeholder=f"training rows: {short_number(usual)}" if usual is not None else "",
                key=f"allowed_{name}.{key}",
                **common,
            )
            for column, word, name, usual in (
                (low, "at least", "minimum", field.minimum),
                (high, "at most", "maximum", field.maximum),
            )
        )
        return ColumnLimit(smallest, largest, chosen)
    earliest, latest = (
        column.date_input(
            f"{title} {word}",
            value=None,
            min_value=_EARLIEST,
            max_value=_LATEST,
            key=f"allowed_{name}.{key}",
            **common,
        )
        for column, word, name in ((low, "from", "minimum"), (high, "until", "maximum"))
    )
    return ColumnLimit(_days(earliest), _days(latest, of_its_end=True), chosen)


def _days(day: date | None, *, of_its_end: bool = False) -> float | None:
    """Return the number of days from 1970 to the start or end of a day."""
    if day is None:
        return None
    return (day - _DAY_ZERO).days + (1 - 1e-6 if of_its_end else 0.0)

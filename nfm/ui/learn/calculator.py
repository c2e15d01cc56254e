"""The editable vectors of the calculator and the gradient check; at first the article's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.figures.number_format import with_minus
from nfm.teaching.cards import EXAMPLE_ROWS
from nfm.ui.state.widget_keys import form_key, new_generation

FACTORS = 4
_MOST_ROWS = 8
_LARGEST = 1e6
_KEPT = "learn_rows"
_FORM = "learn_rows.editor"
_COLUMNS = ["x", *(f"v{factor + 1}" for factor in range(FACTORS))]


def edit() -> None:
    """Draw the editor of the vectors and store its content."""
    start = _KEPT + ".start"
    editor = form_key(_FORM, "rows")
    if editor not in st.session_state or start not in st.session_state:
        st.session_state[start] = _kept()
    columns = {
        name: st.column_config.NumberColumn(
            name,
            help="x of the feature: 1 if the row has it, or a number." if name == "x" else None,
            min_value=-_LARGEST,
            max_value=_LARGEST,
            default=1.0 if name == "x" else 0.0,
            format="%.6g",
        )
        for name in _COLUMNS
    }
    edited = st.data_editor(
        st.session_state[start],
        num_rows="dynamic",
        hide_index=True,
        column_config=columns,
        key=editor,
        alt="A row for each feature: its x and the four factors of its vector",
    )
    st.session_state[_KEPT] = edited
    if len(edited) > _MOST_ROWS:
        st.caption(f"Only the first {_MOST_ROWS} rows count.")
    show_reset()


def show_reset() -> None:
    """Draw the button that resets the vectors."""
    st.button(
        "Reset to the article's example",
        icon=":material/restart_alt:",
        key="learn_rows_reset",
        on_click=_reset,
    )


def read() -> tuple[np.ndarray, np.ndarray]:
    """Return x float64 (n,) and the vectors float64 (n, 4): blanks are 0, large values clipped."""
    table = _kept().reindex(columns=_COLUMNS).head(_MOST_ROWS)
    values = table.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    values = np.clip(np.nan_to_num(values, nan=0.0), -_LARGEST, _LARGEST)
    return values[:, 0], values[:, 1:]


def written(value: float) -> str:
    """Format a number of the calculator; NaN is "…"."""
    return "…" if np.isnan(value) else with_minus(value + 0.0, ".6g")


def listed(values: np.ndarray) -> str:
    """Format numbers, separated by commas."""
    return ", ".join(written(value) for value in values)


def _kept() -> pd.DataFrame:
    kept = st.session_state.get(_KEPT)
    if kept is not None:
        return kept.reset_index(drop=True)
    return pd.DataFrame(EXAMPLE_ROWS, columns=_COLUMNS)


def _reset() -> None:
    for key in (_KEPT, _KEPT + ".start"):
        st.session_state.pop(key, None)
    # A new editor: the browser would send the old one's edits again with the next click.
    new_generation(_FORM)

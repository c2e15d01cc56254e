"""Columns of days are drawn without a time of day."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from pandas.api import types


def date_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return `column_config` of `st.dataframe` for columns of moments that are all midnights.

    Args:
        frame: The whole table, of which the first rows may be drawn.
    """
    days = [
        name
        for name, column in frame.items()
        if types.is_datetime64_any_dtype(column.dtype)
        and (column.dropna() == column.dropna().dt.normalize()).all()
    ]
    return {str(name): st.column_config.DateColumn(format="YYYY-MM-DD") for name in days}

"""How tables on the pages show dates: without a time of day where no row has one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from pandas.api import types


def date_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the `column_config` that shows dates without a time of day.

    Args:
        frame: The whole table, even if only its first rows are drawn.

    Returns:
        Name of each datetime column whose times are all midnight to its configuration.
    """
    days = [
        name
        for name, column in frame.items()
        if types.is_datetime64_any_dtype(column.dtype)
        and (column.dropna() == column.dropna().dt.normalize()).all()
    ]
    return {str(name): st.column_config.DateColumn(format="YYYY-MM-DD") for name in days}

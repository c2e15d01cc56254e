"""How many parameters a network will have, before it is built."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.jobs.records import Dataset
from nfm.model.summary import Part, parameter_table
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.target import Target
from nfm.ui import workspace
from nfm.ui.escaping import literal


def network_parts(
    frame: pd.DataFrame, schema: Schema, split: SplitOptions, settings: Settings
) -> tuple[Part, ...]:
    """Describe the parameters of the network that a training would build.

    Args:
        frame: All rows.
        schema: Names target, task and features.
        split: Which rows are training rows: only their levels have parameters.
        settings: Of the model.

    Returns:
        Its parts.

    Raises:
        NFMError: If the table and the schema do not make a task.
    """
    if schema.target is None or schema.task is None:
        return ()
    values = frame[schema.target]
    parts = split_rows(frame, values, schema.task, split)
    rows = frame.iloc[parts.train]
    vocabulary = None
    if settings.vocabulary == "all":
        vocabulary = frame.iloc[[*parts.train, *parts.validation]]
    encoder = Encoder.fit(rows, schema.features, settings, vocabulary)
    target = Target.fit(values.iloc[parts.train], schema.task, schema.target)
    return parameter_table(encoder.layout, settings, target.output_count)


def show(opened: Dataset, settings: Settings) -> None:
    """Draw the total, and the table of parts folded away."""
    key = f"{opened.schema.model_dump_json()}{opened.split.model_dump_json()}"
    try:
        table, total = _table(opened.content_hash, key, settings.model_dump_json(), opened)
    except NFMError as error:
        st.warning(literal(error), icon=":material/warning:")
        return
    with st.expander(f"{total:,} parameters", icon=":material/calculate:"):
        st.dataframe(
            table,
            hide_index=True,
            height="content",
            alt=f"{total:,} parameters, part by part",
            column_config={
                "Part": st.column_config.TextColumn(width=150),
                "Shape": st.column_config.TextColumn(width=80),
                "Count": st.column_config.NumberColumn(width=68, format="localized"),
            },
        )


@st.cache_data(max_entries=64, show_spinner=False)
def _table(
    content_hash: str, key: str, settings: str, _opened: Dataset
) -> tuple[pd.DataFrame, int]:
    parts = network_parts(
        workspace.frame(_opened),
        _opened.schema,
        _opened.split,
        Settings.model_validate_json(settings),
    )
    table = pd.DataFrame(
        {
            "Part": [part.name for part in parts],
            "Shape": [part.shape for part in parts],
            "Count": [part.count for part in parts],
        }
    )
    return table, int(sum(part.count for part in parts))

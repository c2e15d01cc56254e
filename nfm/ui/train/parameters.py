"""The network before it is built: its picture, and how many parameters it will have."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.figures.network_graph import describe_network, network_graph
from nfm.jobs.records import Dataset
from nfm.model.summary import Part, parameter_table
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.layout import Layout
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.target import Target
from nfm.ui import workspace
from nfm.ui.escaping import literal


@dataclass(frozen=True)
class Outline:
    """What is known of a network before it is built.

    Attributes:
        layout: Sizes of the encoded table.
        parts: Its parameters.
        target: Of the training rows.
    """

    layout: Layout
    parts: tuple[Part, ...]
    target: Target


def outline(
    frame: pd.DataFrame, schema: Schema, split: SplitOptions, settings: Settings
) -> Outline | None:
    """Describe the network that a training would build.

    Args:
        frame: All rows.
        schema: Names target, task and features.
        split: Which rows are training rows: only their levels have parameters.
        settings: Of the model.

    Returns:
        What is known of it; None without a target.

    Raises:
        NFMError: If the table and the schema do not make a task.
    """
    if schema.target is None or schema.task is None:
        return None
    values = frame[schema.target]
    parts = split_rows(frame, values, schema.task, split)
    rows = frame.iloc[parts.train]
    vocabulary = None
    if settings.vocabulary == "all":
        vocabulary = frame.iloc[[*parts.train, *parts.validation]]
    encoder = Encoder.fit(rows, schema.features, settings, vocabulary)
    target = Target.fit(values.iloc[parts.train], schema.task, schema.target)
    table = parameter_table(encoder.layout, settings, target.output_count)
    return Outline(encoder.layout, table, target)


def show(opened: Dataset, settings: Settings, *, expanded: bool) -> None:
    """Draw the network and the table of its parameters.

    Args:
        opened: The table to train on.
        settings: Those of the form.
        expanded: Whether it is unfolded at first.
    """
    key = f"{opened.schema.model_dump_json()}{opened.split.model_dump_json()}"
    try:
        drawn = _draw(opened.content_hash, key, settings.model_dump_json(), opened)
    except NFMError as error:
        st.warning(literal(error), icon=":material/warning:")
        return
    if drawn is None:
        return
    graph, words, table, total = drawn
    with st.expander(
        f"The network: {total:,} parameters", icon=":material/account_tree:", expanded=expanded
    ):
        st.graphviz_chart(graph, width="stretch", alt=words)
        with st.popover(f"{total:,} parameters, part by part", icon=":material/calculate:"):
            st.dataframe(
                table,
                hide_index=True,
                height=min(420, 36 * (len(table) + 1)),
                alt=f"{total:,} parameters, part by part",
                column_config={
                    "Part": st.column_config.TextColumn(width=220),
                    "Shape": st.column_config.TextColumn(width=90),
                    "Count": st.column_config.NumberColumn(width=80, format="localized"),
                },
            )


@st.cache_data(max_entries=64, show_spinner=False)
def _draw(
    content_hash: str, key: str, settings: str, _opened: Dataset
) -> tuple[str, str, pd.DataFrame, int] | None:
    asked = Settings.model_validate_json(settings)
    found = outline(workspace.frame(_opened), _opened.schema, _opened.split, asked)
    if found is None:
        return None
    target = found.target
    graph = network_graph(
        found.layout, asked, target.output_count, target=target.name, task=target.task
    )
    table = pd.DataFrame(
        {
            "Part": [part.name for part in found.parts],
            "Shape": [part.shape for part in found.parts],
            "Count": [part.count for part in found.parts],
        }
    )
    return graph, describe_network(found.layout, asked), table, int(table["Count"].sum())

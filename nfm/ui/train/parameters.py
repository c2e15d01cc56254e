"""The network before it is built: its picture, and how many parameters it will have."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nfm.errors import NFMError, SchemaError
from nfm.figures.network_graph import describe_network, network_graph
from nfm.inference.bundle import Bundle
from nfm.network_architecture import NetworkArchitecture, ParameterRow, parameter_table
from nfm.settings import Settings
from nfm.store.records import Dataset
from nfm.tabular.encoded_table import EncodedShape
from nfm.tabular.encoding import Encoder
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.target import Target
from nfm.text import counted
from nfm.ui import present
from nfm.ui.components.figure_view import show_graph
from nfm.ui.escaping import literal
from nfm.ui.state import workspace

# Settings that the sizes of the encoded table depend on.
_ENCODING = {"numeric", "numeric_bins", "numeric_scaling", "min_level_count", "vocabulary"}


def show(dataset: Dataset, settings: Settings, *, expanded: bool) -> None:
    """Draw the network and the table of its parameters.

    Args:
        dataset: The table to train on; nothing is drawn without a target.
        settings: Settings of the form.
        expanded: Whether the section is open at first.
    """
    if dataset.schema.target is None or dataset.schema.task is None:
        return
    try:
        layout, target = _encoded(dataset, dataset.schema, dataset.split, settings)
    except NFMError as error:
        st.warning(literal(error), icon=":material/warning:")
        return
    network = NetworkArchitecture(layout, settings, target.output_count)
    _show_network("The network", network, target, expanded=expanded)


def show_model(bundle: Bundle, name: str) -> None:
    """Draw the network of a trained model, and the table of its parameters.

    Args:
        bundle: The model.
        name: Name of the model, not escaped.
    """
    _show_network(
        f"The network of {literal(name)}", bundle.architecture, bundle.target, expanded=False
    )


def _show_network(
    title: str, network: NetworkArchitecture, target: Target, *, expanded: bool
) -> None:
    rows = parameter_table(network)
    total = sum(row.count for row in rows)
    box = st.expander(
        f"{title}: {counted(total, 'parameter')}",
        icon=":material/account_tree:",
        expanded=expanded,
        key=f"network.{expanded}",
        on_change="rerun",
    )
    # Not drawn while it is closed: the browser would lay out the picture nevertheless.
    if box.open:
        with box:
            show_graph(
                network_graph(network, target=target.name, task=target.task),
                alt=describe_network(network),
                reading="From left to right, a row of the table becomes a prediction. Numbers "
                "such as 3 × 32 are the shape of a layer's weights.",
            )
            _show_rows(rows, total)


def _show_rows(rows: tuple[ParameterRow, ...], total: int) -> None:
    """Draw the table of the parameters, behind a button."""
    with st.popover(f"{counted(total, 'parameter')}, part by part", icon=":material/calculate:"):
        st.dataframe(
            pd.DataFrame(
                {
                    "Part": [row.name for row in rows],
                    "Shape": [row.shape for row in rows],
                    "Count": [row.count for row in rows],
                }
            ),
            hide_index=True,
            height=present.pixels(min(420, 36 * (len(rows) + 1))),
            alt=f"{counted(total, 'parameter')}, part by part",
            column_config={
                "Part": st.column_config.TextColumn(width=220),
                "Shape": st.column_config.TextColumn(width=90),
                "Count": st.column_config.NumberColumn(width=80, format="localized"),
            },
        )


def _encoding_key(settings: Settings) -> str:
    return settings.model_dump_json(include=_ENCODING)


@st.cache_data(
    max_entries=64, show_spinner=False, hash_funcs={**workspace.CACHE_KEYS, Settings: _encoding_key}
)
def _encoded(
    dataset: Dataset, schema: Schema, split: SplitOptions, settings: Settings
) -> tuple[EncodedShape, Target]:
    """Return the sizes of the encoded training rows, and their target.

    Raises:
        NFMError: If the rows cannot be split or encoded.
    """
    if schema.target is None or schema.task is None:
        raise SchemaError("There is no target. Choose one on the Data page.")
    frame = workspace.frame(dataset)
    values = frame[schema.target]
    rows = split_rows(frame, values, schema.task, split)
    vocabulary = None
    if settings.vocabulary == "all":
        vocabulary = frame.iloc[[*rows.train, *rows.validation]]
    encoder = Encoder.fit(frame.iloc[rows.train], schema.features, settings, vocabulary)
    target = Target.fit(
        values.iloc[rows.train],
        schema.task,
        schema.target,
        others=values.iloc[rows.validation],
        positive=schema.positive,
    )
    return encoder.layout, target

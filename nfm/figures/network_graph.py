"""Diagram of the network, from the fields to the prediction with shapes, in the DOT language."""

from __future__ import annotations

from dataclasses import dataclass

from nfm.figures.palette import (
    DARK_TEXT,
    GREY,
    NODE_FIELD,
    NODE_LAYER,
    NODE_OUTPUT,
    NODE_POOL,
    NODE_VECTOR,
)
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Task
from nfm.text import counted, shorten

_SHOWN_FIELDS = 10
_NAME_LENGTH = 18
_ACTIVATIONS = {"relu": "ReLU", "gelu": "GELU", "tanh": "tanh", "sigmoid": "sigmoid"}


@dataclass(frozen=True)
class _Field:
    """A field in the diagram.

    Attributes:
        name: Name of its column.
        size: Its kind and size, for instance "3 levels".
        vectors: Shape of its embeddings, for instance "3 × 32"; "" if it has none.
    """

    name: str
    size: str
    vectors: str


def network_graph(network: NetworkArchitecture, *, target: str, task: Task) -> str:
    """Draw a network from left to right.

    Args:
        network: Its parts.
        target: Name of the target column; user text.
        task: The task; it decides what follows the sum.

    Returns:
        A graph in the DOT language.
    """
    has_linear = (
        network.has_linear
        or network.has_numeric_linear
        or network.has_dense_linear
        or network.has_shared_linear
    )
    lines = [
        "digraph {",
        'graph [rankdir=LR, bgcolor="transparent", nodesep=0.12, ranksep=0.45, margin=0]',
        'node [shape=box, style="filled,rounded", penwidth=0, fontname="sans-serif", '
        f'fontsize=13, fontcolor="{DARK_TEXT}", height=0.42]',
        f'edge [color="{GREY}", arrowsize=0.6]',
        _node("sum", "Sum\n+ linear + bias" if has_linear else "Sum\n+ bias", NODE_OUTPUT),
        _node("prediction", _output_text(target, task, network.output_count), NODE_OUTPUT),
        "sum -> prediction",
    ]
    _draw_fields(lines, network)
    sources = []
    if network.pooled_size:
        lines.append(
            _node(
                "pool", f"Bi-interaction\n{_each(network, network.pooled_size)} numbers", NODE_POOL
            )
        )
        if network.has_constant_field:
            lines += [_node("ones", "constant 1", NODE_FIELD), "ones -> pool"]
        sources.append("pool")
    if network.has_values_beside_pooling:
        sources.append("values")
    activation = _ACTIVATIONS[network.settings.activation]
    for index, units in enumerate(network.hidden_units):
        name = f"hidden{index}"
        lines.append(
            _node(name, f"Hidden {index + 1}\n{_each(network, units)} {activation}", NODE_LAYER)
        )
        lines += [f"{source} -> {name}" for source in sources]
        sources = [name]
    lines += [f"{source} -> sum" for source in sources]
    return "\n".join([*lines, "}"])


def describe_network(network: NetworkArchitecture) -> str:
    """Describe what the picture shows, for screen readers."""
    steps = [counted(len(network.layout.fields), "field")]
    if network.embedded_fields:
        steps.append(f"embeddings of {_each(network, network.vector_size)} numbers")
    if network.pooled_size:
        steps.append("bi-interaction")
    steps += [f"a hidden layer of {_each(network, units)} units" for units in network.hidden_units]
    return f"The network: {', '.join(steps)}, and the prediction"


def _each(network: NetworkArchitecture, count: int) -> str:
    """Return a size, for several members such as "4 × 32"."""
    members = network.members
    return f"{count:,}" if members == 1 else f"{members} × {count // members:,}"


def _draw_fields(lines: list[str], network: NetworkArchitecture) -> None:
    """Draw the fields with their embeddings and their linear terms."""
    fields = _fields(network)
    shown = fields if len(fields) <= _SHOWN_FIELDS else fields[: _SHOWN_FIELDS - 1]
    if len(shown) < len(fields):
        left = len(fields) - len(shown)
        some_vectors = any(field.vectors for field in fields[len(shown) :])
        shown = [*shown, _Field(f"{left} more fields", "", "…" if some_vectors else "")]
    if network.has_values_beside_pooling:
        count = len(network.layout.numeric)
        lines.append(_node("values", f"values\n{count}", NODE_VECTOR))
    linear = [place for place, field in enumerate(shown) if not field.vectors]
    for place, field in enumerate(shown):
        text = shorten(field.name, _NAME_LENGTH) + (f"\n{field.size}" if field.size else "")
        lines.append(_node(f"field{place}", text, NODE_FIELD))
        if field.vectors:
            lines.append(_node(f"vector{place}", field.vectors, NODE_VECTOR))
            lines.append(f"field{place} -> vector{place}")
            lines.append(f"vector{place} -> {'pool' if network.pooled_size else 'sum'}")
        elif network.has_values_beside_pooling:
            lines.append(f"field{place} -> values")
        else:
            lines.append(f"field{place} -> sum")
    if linear and network.has_values_beside_pooling and network.hidden_units:
        lines.append("values -> sum [style=dashed]")


def _fields(network: NetworkArchitecture) -> list[_Field]:
    layout, size = network.layout, network.vector_size
    drawn = []
    for name, count in zip(layout.categorical, layout.level_counts, strict=True):
        vectors = f"{count:,} × {size}" if network.has_embedding else ""
        drawn.append(_Field(name, counted(count, "level"), vectors))
    for name, bins, count, missing in zip(
        layout.numeric, layout.bin_counts, layout.ramp_counts, layout.has_missing, strict=True
    ):
        what = counted(bins, "bin") if network.has_bins else "a number"
        what += " + missing" if missing else ""
        vectors = f"{count:,} × {size}" if network.has_numeric_embedding else ""
        drawn.append(_Field(name, what, vectors))
    return drawn


def _output_text(target: str, task: Task, output_count: int) -> str:
    name = shorten(target, _NAME_LENGTH)
    match task:
        case "binary":
            return f"{name}\nsigmoid"
        case "multiclass":
            return f"{name}\nsoftmax of {output_count:,}"
        case _:
            return f"{name}\na number"


def _node(name: str, text: str, color: str) -> str:
    return f'{name} [label="{_quote(text)}", fillcolor="{color}"]'


def _quote(text: str) -> str:
    """Escape text for a label: Graphviz interprets backslashes, quotation marks and entities."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return text.replace("\n", "\\n")

"""One row's way through a trained network, with every number that occurs on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.files.names import with_text_names
from nfm.inference.activations import sigmoid, softmax
from nfm.inference.bundle import Bundle
from nfm.tabular.fields import MISSING, NumericField
from nfm.tabular.level_values import numbers


@dataclass(frozen=True, eq=False)
class FieldStep:
    """What a row has in one field, and what the model looks up for it.

    Attributes:
        name: Of the field; user text.
        text: The row's level or number, for people; user text.
        place: Where it is found: an id, a bin, or a scaled number.
        vector: Embedding, float64 (k,); None for a number that is laid beside the pooled pairs.
        linear: Linear term, float64 (C,).
    """

    name: str
    text: str
    place: str
    vector: np.ndarray | None
    linear: np.ndarray


@dataclass(frozen=True, eq=False)
class HiddenStep:
    """One hidden layer.

    Attributes:
        before: W z + b, after a batch norm if there is one, float64 (units,).
        after: The activation of that, float64 (units,).
    """

    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True, eq=False)
class ForwardTrace:
    """One row's forward pass, from ids to the prediction.

    Attributes:
        fields: In the layout's order.
        square_of_sum: (Σ e)², the constant field among them if there is one, float64 (k,);
            None without pairs.
        sum_of_squares: Σ e², float64 (k,); None without pairs.
        pooled: ½[(Σ e)² − Σ e²], float64 (k,); None without pairs.
        normalised: The pooled vector after batch normalisation; None without one.
        beside: Numbers that are concatenated with the pooled vector.
        hidden: The hidden layers.
        activation: Name of their activation.
        bias: What the raw value starts from, float64 (C,).
        linear: Sum of the fields' linear terms, float64 (C,).
        head: What the pairs and the network add, float64 (C,).
        logits: bias + linear + head, float64 (C,).
        answers: The probability of the positive class, of every class, or the number in the
            target's own units, float64 (C,).
    """

    fields: tuple[FieldStep, ...]
    square_of_sum: np.ndarray | None
    sum_of_squares: np.ndarray | None
    pooled: np.ndarray | None
    normalised: np.ndarray | None
    beside: tuple[str, ...]
    hidden: tuple[HiddenStep, ...]
    activation: str
    bias: np.ndarray
    linear: np.ndarray
    head: np.ndarray
    logits: np.ndarray
    answers: np.ndarray


def forward_trace(bundle: Bundle, row: pd.DataFrame) -> ForwardTrace:
    """Follow one row through a trained network.

    Args:
        bundle: The model.
        row: One row with the columns that the model needs.

    Returns:
        Every value on the way, as the scorer computes it.

    Raises:
        SchemaError: If a column is missing.
        ValueError: If there is not exactly one row.
    """
    if len(row) != 1:
        raise ValueError(f"Expected one row. Received: {len(row)} rows")
    row = with_text_names(row)
    scorer, target = bundle.scorer, bundle.target
    size, outputs = scorer.vector_size, scorer.output_count
    parts = scorer.parts(bundle.encoder.transform(row))[0]
    sums = parts.sum(axis=0)
    stages = {name: values[0] for name, values in scorer.stages(sums[None])}
    depth = sum(name.startswith("after") for name in stages)
    linear = sums[2 * size : 2 * size + outputs]
    head = np.broadcast_to(stages.get("head", np.zeros(1)), (outputs,))
    logits = scorer.bias + linear + head
    if target.task == "regression":
        answers = logits * target.scale + target.mean
    else:
        answers = softmax(logits) if target.task == "multiclass" else sigmoid(logits)
    # The constant field's vector is one of the summands.
    ones = float(bundle.settings.constant_field and bundle.settings.interaction == "nfm")
    beside = bundle.settings.numeric == "concat" and bundle.settings.interaction == "nfm"
    return ForwardTrace(
        fields=_fields(bundle, row, parts),
        square_of_sum=np.square(sums[:size] + ones) if size else None,
        sum_of_squares=sums[size : 2 * size] + ones if size else None,
        pooled=stages.get("pooled") if size else None,
        normalised=stages.get("normalised"),
        beside=scorer.layout.numeric if beside else (),
        hidden=tuple(HiddenStep(stages[f"before {i}"], stages[f"after {i}"]) for i in range(depth)),
        activation=bundle.settings.activation,
        bias=scorer.bias,
        linear=linear,
        head=head,
        logits=logits,
        answers=answers,
    )


def _fields(bundle: Bundle, row: pd.DataFrame, parts: np.ndarray) -> tuple[FieldStep, ...]:
    encoder, scorer = bundle.encoder, bundle.scorer
    size, outputs = scorer.vector_size, scorer.output_count
    table = encoder.transform(row)
    steps = []
    for place, field in enumerate(encoder.categorical):
        code = int(table.codes[0, place])
        text = field.names[code]
        steps.append((field.name, text, f"id {code} of 0 to {field.level_count - 1}", bool(size)))
    has_vectors = bool(size) and bundle.settings.numeric != "concat"
    for place, number in enumerate(encoder.numeric):
        value = float(table.values[0, place])
        steps.append((number.name, _text(number, row), _place(number, value), has_vectors))
    return tuple(
        FieldStep(
            name=name,
            text=text,
            place=found,
            vector=part[:size] if has_vector else None,
            linear=part[2 * size : 2 * size + outputs],
        )
        for (name, text, found, has_vector), part in zip(steps, parts, strict=True)
    )


def _text(field: NumericField, row: pd.DataFrame) -> str:
    """Write a row's number, or the date that it comes from."""
    if field.part is not None:
        cell = row[field.column].iloc[0]
        return MISSING if pd.isna(cell) else str(cell)
    number = float(numbers(row[field.column])[0])
    return f"{number:.6g}" if np.isfinite(number) else MISSING


def _place(field: NumericField, value: float) -> str:
    """Say what an encoded number is looked up as."""
    if np.isnan(value):
        return "an id of its own for missing"
    if field.mode != "piecewise":
        return f"x = {value:.4g}"
    bins = field.bin_count
    whole = min(int(value), bins - 1)
    share = round(100 * (value - whole))
    where = {0: "at its start", 100: "at its end"}.get(share, f"{share} % of the way along")
    return f"bin {whole + 1} of {bins}, {where}"


@dataclass(frozen=True, eq=False)
class FMTerms:
    """The row's raw value (log odds, score or standardised value) as the model's own sum.

    Attributes:
        columns: The columns of the model.
        bias: float64 (outputs,).
        linear: Linear term of each column, float64 (columns, outputs); for a date also the
            pairs of its own parts.
        pairs: Term <v_i, v_j> of each pair of columns, float64 (columns, columns, outputs),
            symmetric, 0 on the diagonal.
        total: bias + linear terms + each pair once, float64 (outputs,): what the model says.
    """

    columns: tuple[str, ...]
    bias: np.ndarray
    linear: np.ndarray
    pairs: np.ndarray
    total: np.ndarray

    def strongest_pairs(self, output: int = 0, count: int = 5) -> list[tuple[int, int, float]]:
        """Return the largest pair terms, as (first, second, term)."""
        first, second = np.triu_indices(len(self.columns), 1)
        values = self.pairs[first, second, output]
        order = np.argsort(-np.abs(values), kind="stable")[:count]
        return [(int(first[k]), int(second[k]), float(values[k])) for k in order]


def fm_terms(reference: ReferenceData, row: ReferenceRow) -> FMTerms | None:
    """Take a row's raw value apart into the model's own terms.

    Source: Rendle 2010, "Factorization Machines", equation 1.

    Args:
        reference: The model.
        row: The row to explain.

    Returns:
        The terms; None for a model with a network after the pooling: it has no such terms.
    """
    scorer = reference.bundle.scorer
    if scorer.pair_weights is None:
        return None
    weights, shift = scorer.pair_weights
    size, outputs = scorer.vector_size, scorer.output_count
    vectors = row.parts[:, :size]
    inside = (np.square(vectors) - row.parts[:, size : 2 * size]) / 2
    linear = row.parts[:, 2 * size : 2 * size + outputs] + inside @ weights
    pairs = np.einsum("ik,jk,ko->ijo", vectors, vectors, weights)
    pairs[np.arange(len(vectors)), np.arange(len(vectors))] = 0
    bias = scorer.bias + shift
    return FMTerms(
        columns=reference.columns,
        bias=bias,
        linear=linear,
        pairs=pairs,
        total=bias + linear.sum(axis=0) + pairs.sum(axis=(0, 1)) / 2,
    )

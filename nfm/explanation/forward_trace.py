"""Forward pass of one row with all intermediate values, and its FM terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.files.names import with_text_names
from nfm.inference.activations import predictions
from nfm.inference.bundle import Bundle
from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.tabular.level_values import numbers
from nfm.tabular.numeric_field import NumericField


@dataclass(frozen=True, eq=False)
class FieldStep:
    """Lookup of one field: the row's value, its embedding and its linear term.

    Attributes:
        name: Name of the field; user text.
        text: The row's level or number as text; user text.
        place: Encoded value as text: an id, a bin, or a scaled number.
        vector: Embedding, float64 (k,); None for a number that bypasses the pairs.
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
        before: Pre-activation W z + b, after batch norm if there is one, float64 (units,).
        after: Output of the activation, float64 (units,).
    """

    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True, eq=False)
class ForwardTrace:
    """One row's forward pass, from ids to the prediction.

    Attributes:
        fields: Lookups of the fields, in the order of the layout.
        square_of_sum: (Σ e)², including the constant field if there is one, float64 (k,); None
            without pairs.
        sum_of_squares: Σ e², float64 (k,); None without pairs.
        pooled: ½[(Σ e)² − Σ e²], float64 (k,); None without pairs.
        normalised: The pooled vector after batch normalisation; None without one.
        beside: Names of numbers that are concatenated with the pooled vector.
        hidden: The hidden layers.
        activation: Name of the activation of the hidden layers.
        bias: Bias, float64 (C,).
        linear: Sum of the linear terms, float64 (C,).
        head: Output of the pairs and the network above them, float64 (C,).
        logits: bias + linear + head, float64 (C,).
        predictions: Probability of the positive class or of every class, or the predicted number in
            the unit of the target, float64 (C,).
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
    predictions: np.ndarray


def forward_trace(bundle: Bundle, row: pd.DataFrame) -> ForwardTrace:
    """Compute the forward pass of one row with all intermediate values.

    Args:
        bundle: The model.
        row: One row with the columns that the model needs.

    Returns:
        The intermediate values, as the scorer computes them.

    Raises:
        SchemaError: If a column is missing.
        ValueError: If there is not exactly one row.
    """
    if len(row) != 1:
        raise ValueError(f"Expected one row. Received: {len(row)} rows")
    row = with_text_names(row)
    scorer = bundle.scorer
    size, outputs = scorer.vector_size, scorer.output_count
    parts = scorer.parts(bundle.encoder.transform(row))[0]
    sums = parts.sum(axis=0)
    stages = {name: values[0] for name, values in scorer.stages(sums[None])}
    depth = sum(name.startswith("after") for name in stages)
    linear = sums[2 * size : 2 * size + outputs]
    head = np.broadcast_to(stages.get("head", np.zeros(1)), (outputs,))
    logits = scorer.bias + linear + head
    # The vector of the constant field is one of the addends.
    ones = float(bundle.architecture.has_constant_field)
    return ForwardTrace(
        fields=_fields(bundle, row, parts),
        square_of_sum=np.square(sums[:size] + ones) if size else None,
        sum_of_squares=sums[size : 2 * size] + ones if size else None,
        pooled=stages.get("pooled") if size else None,
        normalised=stages.get("normalised"),
        beside=scorer.layout.numeric if bundle.architecture.has_values_beside_pooling else (),
        hidden=tuple(HiddenStep(stages[f"before {i}"], stages[f"after {i}"]) for i in range(depth)),
        activation=bundle.settings.activation,
        bias=scorer.bias,
        linear=linear,
        head=head,
        logits=logits,
        predictions=predictions(bundle.target, logits),
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
    has_vectors = bool(size) and bundle.architecture.has_ramps
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
    """Return the row's number as text, or the date that it is computed from."""
    if field.part is not None:
        cell = row[field.column].iloc[0]
        return MISSING_LEVEL if pd.isna(cell) else str(cell)
    number = float(numbers(row[field.column])[0])
    return f"{number:.6g}" if np.isfinite(number) else MISSING_LEVEL


def _place(field: NumericField, value: float) -> str:
    """Describe an encoded number: a bin, or a scaled value."""
    if np.isnan(value):
        return "a separate id for missing values"
    if field.mode != "piecewise":
        return f"x = {value:.4g}"
    bins = field.bin_count
    whole = min(int(value), bins - 1)
    share = round(100 * (value - whole))
    where = {0: "at its start", 100: "at its end"}.get(share, f"{share}% of the way along")
    return f"bin {whole + 1} of {bins}, {where}"


@dataclass(frozen=True, eq=False)
class FMTerms:
    """Raw value of a row (log odds, score or standardised value) as a sum of FM terms.

    Attributes:
        columns: The columns of the model.
        bias: Bias, float64 (outputs,).
        linear: Linear term of each column, float64 (columns, outputs); for a date, including the
            pairs of its own parts.
        pairs: Term <v_i, v_j> of each pair of columns, float64 (columns, columns, outputs),
            symmetric, 0 on the diagonal.
        total: Bias + linear terms + each pair once, float64 (outputs,).
    """

    columns: tuple[str, ...]
    bias: np.ndarray
    linear: np.ndarray
    pairs: np.ndarray
    total: np.ndarray


def fm_terms(reference: ReferenceData, row: ReferenceRow) -> FMTerms | None:
    """Split the raw value of a row into the terms of a factorization machine.

    Source: Rendle 2010, "Factorization Machines", equation 1.

    Args:
        reference: The model.
        row: The row to explain.

    Returns:
        The terms; None for a model with hidden layers, which is not such a sum.
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

"""Names and shapes of the weight arrays that a bundle must hold."""

from __future__ import annotations

from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape


def weight_shapes(
    layout: EncodedShape, settings: Settings, output_count: int
) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every exported array, in the order of the network.

    Args:
        layout: Sizes of the encoded table.
        settings: Settings of the model; those of its training have no effect.
        output_count: Number of outputs C: 1 for binary and regression, else that of the classes.

    Returns:
        Shape by name, with the names of `nfm.model.weights.export_weights`.
    """
    own = settings.linear_term == "own"
    concat = settings.numeric == "concat"
    levels, ramps, numbers = sum(layout.level_counts), sum(layout.ramp_counts), len(layout.numeric)
    size = settings.embedding_dim
    has_vectors = settings.interaction != "linear" or not own
    shapes: dict[str, tuple[int, ...]] = {}
    if layout.categorical and has_vectors:
        shapes["embedding"] = (levels, size)
    if numbers and has_vectors and not concat:
        shapes["numeric_embedding"] = (ramps, size)
    pooled_width = size if shapes and settings.interaction != "linear" else 0
    if layout.categorical and own:
        shapes["linear"] = (levels, output_count)
    if numbers and own and not concat:
        shapes["numeric_linear"] = (ramps, output_count)
    if numbers and concat:
        shapes["dense_linear"] = (numbers, output_count)
    if not own:
        shapes["linear_bias"] = (1,)
    if pooled_width and settings.bi_batch_norm:
        shapes |= _batch_norm_shapes("bi", size)
    if settings.interaction == "nfm":
        shapes |= _head_shapes(pooled_width + numbers * concat, settings, output_count)
    elif pooled_width and output_count > 1:
        shapes["output_kernel"] = (size, output_count)
    shapes["bias"] = (output_count,)
    return shapes


def _head_shapes(width: int, settings: Settings, output_count: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for index, units in enumerate(settings.hidden_units):
        shapes[f"hidden_{index}_kernel"] = (width, units)
        shapes[f"hidden_{index}_bias"] = (units,)
        if settings.hidden_batch_norm:
            shapes |= _batch_norm_shapes(f"hidden_{index}", units)
        width = units
    shapes["output_kernel"] = (width, output_count)
    return shapes


def _batch_norm_shapes(prefix: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{prefix}_{part}": (width,) for part in ("gamma", "beta", "mean", "variance")}

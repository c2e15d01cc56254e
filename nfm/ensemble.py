"""The members of an ensemble: their seeds, and their weights as those of one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings

_SEED_STEP = 1_000_003


def member_settings(settings: Settings) -> list[Settings]:
    """Return the settings of each member: one network, with a seed of its own.

    Args:
        settings: Settings of the ensemble; its seed is that of the first member.
    """
    seeds = [
        (settings.random_state + member * _SEED_STEP) % 2**32
        for member in range(settings.member_count)
    ]
    return [settings.model_copy(update={"members": 1, "random_state": seed}) for seed in seeds]


def merge_weights(
    architecture: NetworkArchitecture, members: Sequence[Mapping[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Combine the weights of an ensemble's members.

    Vectors and hidden units are concatenated, the weights between units of different members are
    zero, linear weights are averaged, and what leads to the logits is divided by the number of
    members. The combined network computes the mean of the members' logits exactly.

    Args:
        architecture: The combined network.
        members: Weights of each member, by the names of `architecture.one_member.weights`.

    Returns:
        Float32 arrays by the names of `architecture.weights` and of `member_weight_shapes`.
    """
    count, pooled = architecture.members, architecture.one_member.pooled_size
    merged: dict[str, np.ndarray] = {}
    for name, weight in architecture.weights.items():
        arrays = [np.asarray(weights[name]) for weights in members]
        array: np.ndarray
        if weight.is_mean:
            if count > 1:
                merged[f"member_{name}"] = np.stack(arrays)
            array = np.asarray(np.mean(arrays, axis=0, dtype=np.float64))
        elif name == "output_kernel":
            array = _join_inputs(architecture, arrays) / count
        elif name == "hidden_0_kernel":
            # Numbers beside the pooled pairs lead to the units of every member.
            beside = np.concatenate([array[pooled:] for array in arrays], axis=1)
            array = np.concatenate([_block_diagonal([array[:pooled] for array in arrays]), beside])
        elif name.endswith("_kernel"):
            array = _block_diagonal(arrays)
        else:
            array = np.concatenate(arrays, axis=-1) * _scale(architecture, name)
        merged[name] = np.asarray(array, np.float32)
    return merged


def split_weights(
    architecture: NetworkArchitecture, merged: Mapping[str, np.ndarray]
) -> list[dict[str, np.ndarray]]:
    """Return weights of members that `merge_weights` combines to the same network.

    Args:
        architecture: The combined network.
        merged: Its weights, by the names of `architecture.weights`, perhaps with those of
            `member_weight_shapes`.

    Returns:
        A dict for each member, as it was before if the names of `member_weight_shapes` are given;
        otherwise all have the averaged linear weights. Arrays can share memory with the given ones.
    """
    one, count = architecture.one_member, architecture.members
    members: list[dict[str, np.ndarray]] = [{} for _ in range(count)]
    for name, weight in one.weights.items():
        array = np.asarray(merged[name])
        for member, weights in enumerate(members):
            if weight.is_mean:
                part = merged[f"member_{name}"][member] if f"member_{name}" in merged else array
            elif name == "output_kernel":
                part = count * array[_own_rows(architecture, len(array), member)]
            elif name.endswith("_kernel"):
                columns = slice(member * weight.shape[1], (member + 1) * weight.shape[1])
                part = array[_own_rows(architecture, len(array), member, name), columns]
            else:
                size = weight.shape[-1]
                part = array[..., member * size : (member + 1) * size]
                scale = _scale(architecture, name)
                part = part if scale == 1 else part / scale
            weights[name] = np.asarray(part, dtype=np.float32)
    return members


def _scale(architecture: NetworkArchitecture, name: str) -> float:
    """Return the factor that makes a sum over the pooled pairs a mean over the members.

    Only a factorization machine with one output adds up the pairs without weights. Its vectors are
    scaled, so that their products are divided by the number of members; or, if the pairs are
    normalised, what follows.
    """
    if architecture.has_output_layer:
        return 1.0
    if architecture.settings.bi_batch_norm:
        return 1.0 / architecture.members if name in ("bi_gamma", "bi_beta") else 1.0
    vectors = ("embedding", "numeric_embedding")
    return architecture.members**-0.5 if name in vectors else 1.0


def _join_inputs(architecture: NetworkArchitecture, kernels: Sequence[np.ndarray]) -> np.ndarray:
    """Stack the kernels of layers without hidden ones before them, or after the last one."""
    beside = 0 if architecture.hidden_units else len(architecture.layout.numeric)
    if not beside or not architecture.has_values_beside_pooling:
        return np.concatenate(kernels)
    own = [kernel[:-beside] for kernel in kernels]
    return np.concatenate([*own, np.sum([kernel[-beside:] for kernel in kernels], axis=0)])


def _own_rows(
    architecture: NetworkArchitecture, rows: int, member: int, name: str = "output_kernel"
) -> np.ndarray:
    """Return the indices of the inputs that lead to one member's units.

    Args:
        architecture: The combined network.
        rows: Number of inputs of the layer.
        member: Index of the member.
        name: Name of the layer's kernel.
    """
    is_first = name == ("hidden_0_kernel" if architecture.hidden_units else "output_kernel")
    beside = len(architecture.layout.numeric) * architecture.has_values_beside_pooling * is_first
    size = (rows - beside) // architecture.members
    own = np.arange(member * size, (member + 1) * size)
    return np.concatenate([own, np.arange(rows - beside, rows)])


def _block_diagonal(blocks: Sequence[np.ndarray]) -> np.ndarray:
    """Return a matrix with the blocks, which have one shape, along its diagonal."""
    rows, columns = blocks[0].shape
    result = np.zeros((len(blocks) * rows, len(blocks) * columns), np.float32)
    for place, block in enumerate(blocks):
        result[place * rows : (place + 1) * rows, place * columns : (place + 1) * columns] = block
    return result

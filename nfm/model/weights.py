"""The weights of a network as NumPy arrays with fixed names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nfm.model.network import Network


def named_variables(network: Network) -> dict[str, Any]:
    """Give every variable of a network its name.

    Args:
        network: With all layers built.

    Returns:
        Keras variables by name, moments of batch norms included; a part that the network
        does not have is absent.
    """
    variables: dict[str, Any] = {}
    for name, layer in (
        ("embedding", network.embedding),
        ("numeric_embedding", network.numeric_embedding),
        ("linear", network.linear_weights),
        ("numeric_linear", network.numeric_linear),
    ):
        if layer is not None:
            variables[name] = layer.table
    if network.linear is not None:
        if network.linear.kernel is not None:
            variables["dense_linear"] = network.linear.kernel
        if network.linear.bias is not None:
            variables["linear_bias"] = network.linear.bias
    if network.bi_batch_norm is not None:
        variables |= _batch_norm_variables("bi", network.bi_batch_norm)
    if network.hidden is not None:
        layers = zip(network.hidden.kernels, network.hidden.biases, strict=True)
        for i, (kernel, bias) in enumerate(layers):
            variables |= {f"hidden_{i}_kernel": kernel, f"hidden_{i}_bias": bias}
            if network.hidden.use_batch_norm:
                variables |= _batch_norm_variables(f"hidden_{i}", network.hidden.batch_norms[i])
    if network.output is not None:
        variables["output_kernel"] = network.output.kernel
    variables["bias"] = network.prediction.bias
    return variables


def export_weights(network: Network) -> dict[str, np.ndarray]:
    """Copy a network's weights.

    Args:
        network: Whose weights to copy.

    Returns:
        Float32 arrays by name; `nfm.inference.shapes.weight_shapes` tells which.
    """
    return {
        name: np.array(variable.numpy(), dtype=np.float32, copy=None)
        for name, variable in network.variables.items()
    }


def import_weights(network: Network, weights: Mapping[str, np.ndarray]) -> None:
    """Set a network's weights.

    Args:
        network: Whose weights to set; unchanged if they do not fit.
        weights: Arrays by name, as `export_weights` returns them for a network of the same
            layout and settings.

    Raises:
        ValueError: If a name is missing or unknown, or a shape differs.
    """
    expected = {name: tuple(variable.shape) for name, variable in network.variables.items()}
    given = {name: tuple(array.shape) for name, array in weights.items()}
    for name in expected.keys() | given.keys():
        if expected.get(name) != given.get(name):
            raise ValueError(
                f"The weights do not fit the network. Expected {name}: "
                f"{expected.get(name, 'absent')}. Received: {given.get(name, 'absent')}"
            )
    for name, variable in network.variables.items():
        variable.assign(weights[name])


def _batch_norm_variables(owner: str, batch_norm: Any) -> dict[str, Any]:
    return {
        f"{owner}_gamma": batch_norm.gamma,
        f"{owner}_beta": batch_norm.beta,
        f"{owner}_mean": batch_norm.moving_mean,
        f"{owner}_variance": batch_norm.moving_variance,
    }

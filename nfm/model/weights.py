"""The weights of a network as NumPy arrays with fixed names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nfm.model.network import Network


def export_weights(network: Network) -> dict[str, np.ndarray]:
    """Copy a network's weights.

    Args:
        network: The network.

    Returns:
        Float32 arrays by name, with the names and shapes of
        `nfm.network_architecture.NetworkArchitecture.weights`.

    Example:
        >>> from nfm import Settings
        >>> from nfm.model import build_network, export_weights
        >>> from nfm.tabular.encoded_table import EncodedShape
        >>> shape = EncodedShape(("Sex",), (3,), ("Age",), (4,), (True,))
        >>> network = build_network(shape, Settings(embedding_dim=8), "binary", 1)
        >>> export_weights(network)["embedding"].shape
        (3, 8)
    """
    return {
        name: np.array(variable.numpy(), dtype=np.float32, copy=None)
        for name, variable in network.variables.items()
    }


def import_weights(network: Network, weights: Mapping[str, np.ndarray]) -> None:
    """Set a network's weights.

    Args:
        network: The network; it stays unchanged if the weights don't fit.
        weights: Float32 arrays by name, as `export_weights` returns them for a network of the
            same layout and settings; an ensemble's members need not, and are left out.

    Raises:
        ValueError: If a name is missing or unknown, or a shape differs.

    Example:
        >>> from nfm import Settings
        >>> from nfm.model import build_network, export_weights, import_weights
        >>> from nfm.tabular.encoded_table import EncodedShape
        >>> shape = EncodedShape(("Sex",), (3,), ("Age",), (4,), (True,))
        >>> network = build_network(shape, Settings(embedding_dim=8), "binary", 1)
        >>> weights = export_weights(network)
        >>> weights["embedding"][:] = 0
        >>> import_weights(network, weights)
        >>> float(export_weights(network)["embedding"].sum())
        0.0
    """
    expected = {name: tuple(variable.shape) for name, variable in network.variables.items()}
    left_out = network.architecture.member_weight_shapes
    given = {name: tuple(array.shape) for name, array in weights.items() if name not in left_out}
    for name in expected.keys() | given.keys():
        if expected.get(name) != given.get(name):
            raise ValueError(
                f"The weights do not fit the network. Expected {name}: "
                f"{expected.get(name, 'absent')}. Received: {given.get(name, 'absent')}"
            )
    for name, variable in network.variables.items():
        variable.assign(weights[name])

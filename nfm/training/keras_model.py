"""A bundle's network for Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nfm.inference.bundle import Bundle

if TYPE_CHECKING:
    import keras


def keras_model(bundle: Bundle) -> keras.Model:
    """Return a bundle's network as a `keras.Model` of registered layers.

    Args:
        bundle: Any; what it was trained with does not matter.

    Returns:
        The model. Its inputs are `codes` and `values` of `bundle.encoder.transform`; its
        output is the probability (for a regression: the standardised target).
    """
    from nfm.model.network import build_network
    from nfm.model.weights import import_weights

    network = build_network(
        bundle.encoder.layout, bundle.settings, bundle.target.task, bundle.target.output_count
    )
    import_weights(network, bundle.weights)
    return network.model

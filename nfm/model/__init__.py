"""Keras layers, network and training loop: the only package that imports TensorFlow and Keras."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nfm.model.registration import register_when_keras_is_imported

if TYPE_CHECKING:
    from nfm.model.keras_model import nfm as nfm
    from nfm.model.layers import DNN as DNN
    from nfm.model.layers import BiInteractionPooling as BiInteractionPooling
    from nfm.model.layers import Dropout as Dropout
    from nfm.model.layers import FieldEmbedding as FieldEmbedding
    from nfm.model.layers import Linear as Linear
    from nfm.model.layers import MissingToZero as MissingToZero
    from nfm.model.layers import NumericEmbedding as NumericEmbedding
    from nfm.model.layers import NumericRamps as NumericRamps
    from nfm.model.layers import PredictionLayer as PredictionLayer
    from nfm.model.network import Network as Network
    from nfm.model.network import build_network as build_network
    from nfm.model.weights import export_weights as export_weights
    from nfm.model.weights import import_weights as import_weights

# Imported at first use: `import nfm.model` must not load TensorFlow.
_MODULES = {
    "DNN": "nfm.model.layers",
    "BiInteractionPooling": "nfm.model.layers",
    "Dropout": "nfm.model.layers",
    "FieldEmbedding": "nfm.model.layers",
    "Linear": "nfm.model.layers",
    "MissingToZero": "nfm.model.layers",
    "Network": "nfm.model.network",
    "NumericEmbedding": "nfm.model.layers",
    "NumericRamps": "nfm.model.layers",
    "PredictionLayer": "nfm.model.layers",
    "build_network": "nfm.model.network",
    "export_weights": "nfm.model.weights",
    "import_weights": "nfm.model.weights",
    "nfm": "nfm.model.keras_model",
}
if not TYPE_CHECKING:  # type checkers take the public names from the imports above
    __all__ = list(_MODULES)

register_when_keras_is_imported()


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'nfm.model' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})

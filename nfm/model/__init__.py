"""Numbers become a model: the only place where TensorFlow and Keras are imported."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nfm.model.registration import register_when_keras_is_imported

if TYPE_CHECKING:
    from nfm.model.builder import nfm as nfm
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

# Imported on first use: `import nfm.model` must not load TensorFlow.
_HOME = {
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
    "nfm": "nfm.model.builder",
}
__all__ = [
    "DNN",
    "BiInteractionPooling",
    "Dropout",
    "FieldEmbedding",
    "Linear",
    "MissingToZero",
    "Network",
    "NumericEmbedding",
    "NumericRamps",
    "PredictionLayer",
    "build_network",
    "export_weights",
    "import_weights",
    "nfm",
]

register_when_keras_is_imported()


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'nfm.model' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

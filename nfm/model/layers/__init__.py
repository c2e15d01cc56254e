"""Keras layers of the network, one per file, registered for saving under the package "nfm"."""

from __future__ import annotations

from nfm.model.layers.bi_interaction_pooling import BiInteractionPooling as BiInteractionPooling
from nfm.model.layers.dnn import DNN as DNN
from nfm.model.layers.dropout import Dropout as Dropout
from nfm.model.layers.field_embedding import FieldEmbedding as FieldEmbedding
from nfm.model.layers.linear import Linear as Linear
from nfm.model.layers.missing_to_zero import MissingToZero as MissingToZero
from nfm.model.layers.numeric_embedding import NumericEmbedding as NumericEmbedding
from nfm.model.layers.numeric_ramps import NumericRamps as NumericRamps
from nfm.model.layers.prediction_layer import PredictionLayer as PredictionLayer

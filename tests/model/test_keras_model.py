"""The function `nfm`, which builds a Keras model."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest

from nfm.errors import SettingsError
from nfm.model import (
    DNN,
    BiInteractionPooling,
    Linear,
    PredictionLayer,
    export_weights,
    nfm,
)
from nfm.model.network import build_network
from nfm.settings import PRESETS, make_settings
from tests.model.drawing import TITANIC, make_layout

OF_TRAINING = {
    "optimizer",
    "learning_rate",
    "batch_size",
    "epochs",
    "early_stopping",
    "validation_fraction",
    "vocabulary",
    "numeric_scaling",
    "min_level_count",
    "rare_level_dropout",
    "weight_averaging",
}


def test_defaults_are_the_articles() -> None:
    assert nfm(TITANIC).count_params() == 35_782
    defaults = {name: p.default for name, p in inspect.signature(nfm).parameters.items()}
    for name, value in PRESETS["article"].items():
        if name not in OF_TRAINING:
            assert defaults[name] == value, name
    assert defaults["seed"] == 1024


def test_equals_the_network_of_the_same_settings() -> None:
    settings = make_settings({**PRESETS["article"], "random_state": 1024})
    expected = export_weights(build_network(TITANIC, settings, "binary", 1))
    model = nfm(TITANIC)
    np.testing.assert_array_equal(model.get_layer("embedding").table, expected["embedding"])
    np.testing.assert_array_equal(model.get_layer("output").kernel, expected["output_kernel"])


def test_the_articles_layers_can_be_put_together_as_in_the_article() -> None:
    sparse = [keras.Input((1,)) for _ in TITANIC.level_counts]
    dense = [keras.Input((1,)) for _ in TITANIC.numeric]
    vectors = [
        keras.layers.Embedding(count, 64)(codes)
        for count, codes in zip(TITANIC.level_counts, sparse, strict=True)
    ]
    numbers = keras.layers.Concatenate()(dense)
    linear = Linear()([keras.layers.Concatenate(axis=-1)(vectors), numbers])
    pooled = BiInteractionPooling()(keras.layers.Concatenate(axis=1)(vectors))
    pooled = keras.layers.Flatten()(keras.layers.Dropout(0.2)(pooled))
    hidden = DNN((128, 128), dropout=0.2)(keras.layers.Concatenate()([pooled, numbers]))
    deep = keras.layers.Dense(1, use_bias=False)(hidden)
    outputs = PredictionLayer("binary")(keras.layers.add([linear, deep]))
    model = keras.Model([*sparse, *dense], outputs)
    assert model.count_params() == 35_782
    assert model.predict([np.ones((2, 1))] * 8, verbose=0).shape == (2, 1)


def test_several_classes_have_probabilities_that_add_up() -> None:
    model = nfm(make_layout((3, 4), (1,)), task="multiclass", class_count=4, init_std=0.5)
    outputs = model.predict(
        {"codes": np.array([[1, 2], [0, 3]]), "values": np.array([[0.5], [1]])}, verbose=0
    )
    assert outputs.shape == (2, 4)
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-6)


def test_every_argument_has_an_effect() -> None:
    layout = make_layout((3, 4), (1,))
    usual = nfm(layout).to_json()
    changes = {
        "task": "regression",
        "embedding_dim": 3,
        "hidden_units": (4,),
        "interaction": "fm",
        "numeric": "value",
        "constant_field": True,
        "linear_term": "own",
        "activation": "tanh",
        "dropout": 0.1,
        "bi_dropout": 0.1,
        "hidden_batch_norm": True,
        "bi_batch_norm": True,
        "l2_embedding": 0.1,
        "l2_linear": 0.1,
        "l2_hidden": 0.1,
        "init_std": 0.1,
        "seed": 1,
    }
    for name, value in changes.items():
        assert nfm(layout, **{name: value}).to_json() != usual, name
    assert {*inspect.signature(nfm).parameters} == {"layout", "class_count", *changes}


def test_a_value_out_of_its_range_is_refused() -> None:
    with pytest.raises(SettingsError, match="bi_dropout is 1"):
        nfm(TITANIC, bi_dropout=1)


@pytest.mark.parametrize("arguments", [{"task": "multiclass"}, {"class_count": 3}])
def test_classes_are_counted_for_multiclass_only(arguments: dict) -> None:
    with pytest.raises(SettingsError, match="Give class_count"):
        nfm(TITANIC, **arguments)

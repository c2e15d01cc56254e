"""Weights as NumPy arrays."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.model import build_network, export_weights, import_weights
from nfm.settings import Settings
from tests.model.drawing import make_layout

SETTINGS = Settings(hidden_units=(5,), embedding_dim=3, bi_batch_norm=True)
LAYOUT = make_layout((3, 4), (2,), (True,))


def network(seed: int = 0):
    return build_network(
        LAYOUT, SETTINGS.model_copy(update={"random_state": seed}), "multiclass", 3
    )


def test_names_and_shapes() -> None:
    assert {name: array.shape for name, array in export_weights(network()).items()} == {
        "embedding": (7, 3),
        "numeric_embedding": (3, 3),
        "linear": (7, 3),
        "numeric_linear": (3, 3),
        "bi_gamma": (3,),
        "bi_beta": (3,),
        "bi_mean": (3,),
        "bi_variance": (3,),
        "hidden_0_kernel": (3, 5),
        "hidden_0_bias": (5,),
        "hidden_0_gamma": (5,),
        "hidden_0_beta": (5,),
        "hidden_0_mean": (5,),
        "hidden_0_variance": (5,),
        "output_kernel": (5, 3),
        "bias": (3,),
    }
    assert {array.dtype for array in export_weights(network()).values()} == {np.dtype("float32")}


def test_a_network_takes_over_anothers_weights() -> None:
    first, second = network(1), network(2)
    codes, values = np.array([[1, 2]], "int32"), np.array([[1.5]], "float32")
    assert not np.array_equal(first(codes, values), second(codes, values))
    import_weights(second, export_weights(first))
    np.testing.assert_array_equal(first(codes, values), second(codes, values))


def test_exported_weights_do_not_change_with_the_network() -> None:
    changing = network()
    exported = export_weights(changing)
    before = exported["embedding"].copy()
    changing.embedding.table.assign(np.zeros((7, 3)))
    np.testing.assert_array_equal(exported["embedding"], before)


@pytest.mark.parametrize("damage", ["missing", "unknown", "shape"])
def test_weights_that_do_not_fit_change_nothing(damage: str) -> None:
    weights = export_weights(network(1))
    if damage == "missing":
        del weights["linear"]
    elif damage == "unknown":
        weights["linear_bias"] = np.zeros(1, "float32")
    else:
        weights["linear"] = weights["linear"].T
    unchanged = network(2)
    before = export_weights(unchanged)
    with pytest.raises(ValueError, match=r"do not fit the network\. Expected linear"):
        import_weights(unchanged, weights)
    for name, array in export_weights(unchanged).items():
        np.testing.assert_array_equal(array, before[name])

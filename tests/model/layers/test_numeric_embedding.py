"""NumericEmbedding."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from nfm.model import NumericEmbedding, NumericRamps
from tests.model.checking import check_layer, in_model

TABLE = [[1, 10], [2, 20], [4, 40]]


def test_features_weigh_the_fields_rows() -> None:
    layer = NumericEmbedding((2, 1), 2)
    layer.build((2, None, 2))
    assert tuple(layer.table.shape) == (3, 2)
    layer.table.assign(np.array(TABLE, "float32"))
    features = np.array([[[1, 0.5], [0, 0]], [[0.25, 0], [1, 0]]], "float32")
    np.testing.assert_allclose(layer(features), [[[2, 20], [0, 0]], [[1, 10], [4, 40]]])
    assert layer.compute_output_shape((2, None, 2)) == (2, None, 2)


def test_fields_can_be_summed() -> None:
    layer = NumericEmbedding((2, 1), 2, sum_fields=True)
    layer.build((2, None, 2))
    layer.table.assign(np.array(TABLE, "float32"))
    features = np.array([[[1, 0.5], [0, 0]], [[0.25, 0], [1, 0]]], "float32")
    np.testing.assert_allclose(layer(features), [[3, 30], [4, 40]])
    assert layer.compute_output_shape((2, None, 2)) == (None, 2)


def test_fields_of_equal_widths() -> None:
    check_layer(
        lambda: NumericEmbedding((2,), 2),
        [[[1, 0], [1, 0.5], [0.5, 0]]],
        [[[1, 10], [2, 20], [0.5, 5]]],
        shapes={"table": (2, 2)},
        weights={"table": TABLE[:2]},
    )


def test_what_lies_beyond_a_fields_features_gives_its_rows_no_gradient() -> None:
    import tensorflow as tf

    layer = NumericEmbedding((1, 2), 2)
    features = NumericRamps((1, 2), (False, False))(np.array([[5.0, 0.0]], "float32"))
    layer(features)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(features))
    gradient = tf.convert_to_tensor(tape.gradient(total, layer.table.value))
    assert gradient.numpy().tolist() == [[1, 1], [0, 0], [0, 0]]


def test_after_ramps_in_a_model() -> None:
    ramps, embedding = NumericRamps((2, 1), (False, True)), NumericEmbedding((2, 2), 2)
    embedding.build((2, None, 2))
    embedding.table.assign(np.array([*TABLE, [8, 80]], "float32"))
    values = np.array([[1.5, 0.5], [0, np.nan]], "float32")
    model = in_model(keras.Sequential([ramps, embedding]), values)
    expected = [[[2, 20], [2, 20]], [[0, 0], [8, 80]]]
    np.testing.assert_allclose(model.predict(values, verbose=0), expected)


def test_the_penalty_is_that_of_the_whole_table() -> None:
    layer = NumericEmbedding((2, 1), 2, l2=0.5)
    layer(np.zeros((2, 1, 2), "float32"))
    layer.table.assign(np.array(TABLE, "float32"))
    assert sum(layer.losses).numpy() == pytest.approx(0.5 * np.sum(np.square(TABLE)))


@pytest.mark.parametrize(("counts", "dim"), [((), 2), ((2, 0), 2), ((2,), 0)])
def test_a_table_without_rows_or_columns_is_refused(counts: tuple[int, ...], dim: int) -> None:
    with pytest.raises(ValueError, match="at least one feature, and a positive dim"):
        NumericEmbedding(counts, dim)


def test_features_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, batch, 3\)"):
        NumericEmbedding((2, 3), 2)(np.zeros((2, 4, 2), "float32"))

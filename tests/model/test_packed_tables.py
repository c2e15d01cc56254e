from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from nfm.model.network import build_network
from nfm.model.optimizers import SGD, Adam
from nfm.model.packed_tables import (
    PackedColumns,
    PackedLevels,
    RampTable,
    make_columns,
    prefers_sparse_updates,
)
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from tests.model.drawing import make_layout

LAYOUT = make_layout((3, 2), (3, 1), (True, False))
COLUMNS = PackedColumns(dim=2, outputs=1, l2_embedding=0.0, l2_linear=0.0, is_pooled=True)


def level_table(
    is_sparse: bool, monkeypatch: pytest.MonkeyPatch, columns: PackedColumns
) -> PackedLevels:
    monkeypatch.setattr("nfm.model.packed_tables.prefers_sparse_updates", lambda *_: is_sparse)
    return PackedLevels(LAYOUT, columns, Settings(), SGD(), batch_size=2)


def take_step(table: PackedLevels, ids: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    rule = SGD()

    @tf.function(autograph=False)
    def step() -> None:
        look_up = table.look_up(tf.constant(ids), table.unique_rows(tf.constant(ids)))
        look_up.train(tf.constant(gradient), rule.step(tf.constant(1.0), tf.constant(1.0)))

    step()
    return table.variable.numpy()


@pytest.mark.parametrize("is_sparse", [False, True])
def test_gradients_of_a_level_that_occurs_twice_add_up(
    is_sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = level_table(is_sparse, monkeypatch, COLUMNS)
    before = table.variable.numpy()
    ids = np.array([[1, 1], [3, 4]], np.int32)
    gradient = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    moved = before - take_step(table, ids, gradient)
    expected = np.zeros_like(before)
    expected[1], expected[3], expected[4] = gradient[0].sum(axis=0), gradient[1, 0], gradient[1, 1]
    np.testing.assert_allclose(moved, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("is_sparse", "touched"), [(False, [0, 1, 2, 3, 4]), (True, [1, 3])])
def test_the_penalty_falls_on_the_rows_that_are_updated(
    is_sparse: bool, touched: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = PackedColumns(dim=2, outputs=1, l2_embedding=0.1, l2_linear=0.2, is_pooled=True)
    table = level_table(is_sparse, monkeypatch, columns)
    before = np.ones((5, 3), np.float32)
    table.variable.assign(before)
    ids = np.array([[1, 1], [3, 3]], np.int32)
    moved = before - take_step(table, ids, np.zeros((2, 2, 3), np.float32))
    expected = np.zeros_like(before)
    expected[touched] = [0.2, 0.2, 0.4]
    np.testing.assert_allclose(moved, expected, rtol=1e-5)


@pytest.mark.parametrize("is_sparse", [False, True])
def test_rows_of_a_batch_are_those_of_its_levels(
    is_sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = level_table(is_sparse, monkeypatch, COLUMNS)
    ids = np.array([[2, 0], [3, 3]], np.int32)
    look_up = table.look_up(ids, table.unique_rows(ids))
    np.testing.assert_array_equal(look_up.rows, table.variable.numpy()[ids])
    np.testing.assert_array_equal(table.rows(ids), table.variable.numpy()[ids])


def test_adam_takes_one_second_moment_for_a_vector_of_a_large_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.model.packed_tables.prefers_sparse_updates", lambda *_: True)
    rule = Adam()
    table = PackedLevels(LAYOUT, COLUMNS, Settings(), rule, batch_size=1)
    before = table.variable.numpy()
    ids = tf.constant([[1], [3]])
    look_up = table.look_up(ids, table.unique_rows(ids))
    gradient = np.array([[[3.0, 1.0, 50.0]], [[0.5, -0.5, -0.1]]], np.float32)
    look_up.train(tf.constant(gradient), rule.step(tf.constant(0.1), tf.constant(1.0)))
    moved = before - table.variable.numpy()
    root = np.sqrt(5)  # of the mean of 9 and 1
    np.testing.assert_allclose(moved[1], [0.3 / root, 0.1 / root, 0.1], rtol=1e-4)
    np.testing.assert_allclose(moved[3], [0.1, -0.1, -0.1], rtol=1e-4)
    np.testing.assert_array_equal(moved[[0, 2, 4]], np.zeros((3, 3)))


def test_tables_start_as_the_networks_do() -> None:
    settings = Settings(embedding_dim=2, random_state=4)
    network = build_network(LAYOUT, settings, "binary", 1)
    columns = make_columns(NetworkArchitecture(LAYOUT, settings, 1))
    levels = PackedLevels(LAYOUT, columns, settings, SGD(), batch_size=2)
    ramps = RampTable(network, columns, settings, SGD())
    weights = levels.weights(levels.variable.numpy()) | ramps.weights(ramps.variable.numpy())
    assert set(weights) == {"embedding", "linear", "numeric_embedding", "numeric_linear"}
    for name, array in weights.items():
        np.testing.assert_array_equal(array, network.variables[name].numpy())


def test_a_large_table_is_started_and_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.model.packed_tables._ENTRIES_PER_PIECE", 7)
    settings = Settings(embedding_dim=2, random_state=4, init_std=0.1)
    columns = make_columns(NetworkArchitecture(LAYOUT, settings, 1))
    table = PackedLevels(LAYOUT, columns, settings, SGD(), batch_size=2)
    packed = table.variable.numpy()
    assert (packed[:, :2] != 0).all()
    assert len(np.unique(packed[:, :2])) == 10
    weights = table.weights()
    np.testing.assert_array_equal(weights["embedding"], packed[:, :2])
    np.testing.assert_array_equal(weights["linear"], packed[:, 2:])


def test_ramps_beyond_a_fields_own_stay_zero() -> None:
    settings = Settings(embedding_dim=2)
    network = build_network(LAYOUT, settings, "binary", 1)
    table = RampTable(
        network, make_columns(NetworkArchitecture(LAYOUT, settings, 1)), settings, SGD()
    )
    values = np.array([[0.5, 0.3], [np.nan, 2.0]], np.float32)
    look_up = table.look_up(tf.constant(values))
    step = SGD().step(tf.constant(1.0), tf.constant(1.0))
    look_up.train(tf.ones_like(look_up.rows), step)
    beyond = table.variable.numpy()[5:]
    np.testing.assert_array_equal(beyond, np.zeros((3, 3)))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (32, 3, True)),
        ({"linear_term": "shared"}, (32, 0, True)),
        ({"interaction": "linear"}, (0, 3, False)),
        ({"interaction": "linear", "linear_term": "shared"}, (32, 0, False)),
    ],
)
def test_columns_are_what_the_network_has(settings: dict, expected: tuple) -> None:
    columns = make_columns(NetworkArchitecture(LAYOUT, Settings(**settings), 3))
    assert (columns.dim, columns.outputs, columns.is_pooled) == expected


def test_small_tables_are_updated_whole_and_large_ones_by_rows() -> None:
    titanic, criteo = 4 * 32, 26 * 4096
    assert not prefers_sparse_updates(161, 17, titanic)
    assert not prefers_sparse_updates(26_000, 17, criteo)
    assert prefers_sparse_updates(1_000_000, 17, criteo)
    assert prefers_sparse_updates(1_000_000, 17, titanic)

"""FieldEmbedding."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.model import FieldEmbedding
from tests.model.checking import check_layer

TABLE = [[0, 1], [2, 3], [10, 11], [12, 13], [14, 15]]


def test_every_field_has_its_own_rows_of_the_table() -> None:
    check_layer(
        lambda: FieldEmbedding((2, 3), 2),
        np.array([[0, 0], [1, 2]], "int32"),
        [[[0, 1], [10, 11]], [[2, 3], [14, 15]]],
        shapes={"table": (5, 2)},
        weights={"table": TABLE},
    )


def test_a_code_that_the_field_does_not_have_is_other() -> None:
    layer = check_layer(
        lambda: FieldEmbedding((2, 3), 2),
        np.array([[2, 3], [-1, 99]], "int32"),
        [[[0, 1], [10, 11]], [[0, 1], [10, 11]]],
        shapes={"table": (5, 2)},
        weights={"table": TABLE},
    )
    assert layer(np.array([[1, 1]], "int64")).numpy().tolist() == [[[2, 3], [12, 13]]]


def test_the_table_starts_normal_with_the_given_deviation() -> None:
    layer = FieldEmbedding((3000,), 8, init_std=0.02, seed=5)
    layer.build((None, 1))
    table = layer.table.numpy()
    assert np.std(table) == pytest.approx(0.02, rel=0.02)
    assert np.mean(table) == pytest.approx(0, abs=5e-4)


def test_fields_with_equal_numbers_of_levels_start_differently() -> None:
    layer = FieldEmbedding((4, 4), 3, seed=5)
    layer.build((None, 2))
    assert not np.array_equal(layer.table[:4], layer.table[4:])


def test_a_deviation_of_zero_starts_with_zeros() -> None:
    layer = FieldEmbedding((4,), 3, init_std=0)
    layer.build((None, 1))
    assert not np.any(layer.table)


def test_the_penalty_is_that_of_the_whole_table() -> None:
    layer = FieldEmbedding((2, 3), 2, l2=0.5)
    layer(np.zeros((1, 2), "int32"))
    layer.table.assign(np.array(TABLE, "float32"))
    assert sum(layer.losses).numpy() == pytest.approx(0.5 * np.sum(np.square(TABLE)))


@pytest.mark.parametrize(("counts", "dim"), [((), 2), ((2, 0), 2), ((2,), 0)])
def test_a_table_without_rows_or_columns_is_refused(counts: tuple[int, ...], dim: int) -> None:
    with pytest.raises(ValueError, match="at least one level, and a positive dim"):
        FieldEmbedding(counts, dim)


def test_another_number_of_fields_is_refused() -> None:
    with pytest.raises(ValueError, match=r"codes of shape \(batch, 2\)"):
        FieldEmbedding((2, 3), 2)(np.zeros((4, 3), "int32"))

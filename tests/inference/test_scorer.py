"""The scorer by hand; against Keras see test_scorer_equals_keras.py."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from nfm.inference.activations import class_probabilities
from nfm.inference.scorer import Scorer
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from tests.inference.drawing import draw_layout, draw_settings, draw_table, draw_weights

NO_VALUES = np.empty((1, 0), dtype=np.float32)
NO_CODES = np.empty((1, 0), dtype=np.int32)


def _float32(**arrays: list) -> dict[str, np.ndarray]:
    return {name: np.array(array, dtype=np.float32) for name, array in arrays.items()}


def test_the_articles_three_fields_pool_to_its_figures() -> None:
    layout = EncodedShape(("a", "b", "c"), (1, 1, 1), (), (), ())
    weights = _float32(
        embedding=[[3, 0, 1, 0], [1, 2, 3, 4], [4, 5, 6, 1]],
        linear=[[0], [0], [0]],
        output_kernel=[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        bias=[0, 0, 0, 0],
    )
    settings = Settings(embedding_dim=4, hidden_units=(), constant_field=False)
    scorer = Scorer(NetworkArchitecture(layout, settings, 4), weights)
    table = EncodedTable(np.zeros((1, 3), dtype=np.int32), NO_VALUES)
    assert scorer.logits(table).tolist() == [[19.0, 10.0, 27.0, 4.0]]


def test_a_constant_field_adds_the_sum_of_the_vectors() -> None:
    layout = EncodedShape(("a", "b"), (1, 1), (), (), ())
    weights = _float32(
        embedding=[[2, 3], [5, 7]], linear=[[0], [0]], output_kernel=[[1, 0], [0, 1]], bias=[0, 0]
    )
    scorer = Scorer(
        NetworkArchitecture(layout, Settings(embedding_dim=2, hidden_units=()), 2), weights
    )
    table = EncodedTable(np.zeros((1, 2), dtype=np.int32), NO_VALUES)
    assert scorer.logits(table).tolist() == [[10.0 + 7.0, 21.0 + 10.0]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, 0.0), (0.5, 1.0), (1.0, 2.0), (2.25, 5.25), (3.0, 3.0), (np.nan, 11.0)],
)
def test_a_number_runs_along_its_ramps(value: float, expected: float) -> None:
    layout = EncodedShape((), (), ("fare",), (3,), (True,))
    weights = _float32(numeric_linear=[[2], [4], [-3], [11]], bias=[0])
    scorer = Scorer(NetworkArchitecture(layout, Settings(interaction="linear"), 1), weights)
    table = EncodedTable(NO_CODES, np.array([[value]], dtype=np.float32))
    assert scorer.logits(table).item() == expected


def test_a_missing_number_without_an_id_adds_nothing() -> None:
    weights = _float32(numeric_linear=[[2]], bias=[0.5])
    layout = EncodedShape((), (), ("fare",), (1,), (False,))
    scorer = Scorer(
        NetworkArchitecture(layout, Settings(interaction="linear", numeric="value"), 1), weights
    )
    values = np.array([[np.nan], [-3.0]], dtype=np.float32)
    table = EncodedTable(np.empty((2, 0), dtype=np.int32), values)
    assert scorer.logits(table)[:, 0].tolist() == [0.5, -5.5]


def test_probabilities_of_two_classes_are_those_of_the_log_odds() -> None:
    layout = EncodedShape(("sex",), (3,), (), (), ())
    weights = _float32(linear=[[0], [np.log(3)], [-200]], bias=[0])
    scorer = Scorer(NetworkArchitecture(layout, Settings(interaction="linear"), 1), weights)
    table = EncodedTable(np.array([[0], [1], [2]], dtype=np.int32), np.empty((3, 0), np.float32))
    np.testing.assert_allclose(
        class_probabilities(scorer.logits(table)), [[0.5, 0.5], [0.25, 0.75], [1, 0]], atol=1e-7
    )


@pytest.mark.parametrize("seed", range(10))
def test_many_rows_are_scored_as_each_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    settings = draw_settings(random).model_copy(update={"hidden_units": (4096, 3)})
    layout = draw_layout(random, settings)
    scorer = Scorer(
        NetworkArchitecture(layout, settings, 3), draw_weights(random, layout, settings, 3)
    )
    table = draw_table(random, layout, settings, 200)
    together = scorer.logits(table)
    alone = [scorer.logits(table.take(slice(row, row + 1)))[0] for row in range(len(table))]
    assert together.dtype == np.float64
    np.testing.assert_allclose(together, np.array(alone), rtol=1e-11, atol=1e-11)


def test_the_memory_for_many_rows_is_that_of_a_batch() -> None:
    random = np.random.default_rng(0)
    settings = Settings(hidden_units=(64,))
    layout = EncodedShape(("a", "b"), (9, 9), ("c", "d"), (4, 4), (True, False))
    scorer = Scorer(
        NetworkArchitecture(layout, settings, 1), draw_weights(random, layout, settings, 1)
    )
    table = draw_table(random, layout, settings, 200_000)
    tracemalloc.start()
    scorer.logits(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    one_hidden_layer_of_all_rows = 4 * 64 * len(table)
    assert peak < one_hidden_layer_of_all_rows / 4

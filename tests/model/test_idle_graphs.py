"""A graph that another training has used trains like a new one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nfm.epoch import Epoch
from nfm.model import idle_graphs
from nfm.model.training_loop import TrainingLoop
from nfm.settings import Settings, Task
from nfm.tabular.encoded_table import EncodedShape
from tests.model.drawing import make_layout
from tests.model.plain_training import make_table, make_target
from tests.model.test_training_loop import SMALL, assert_equal_weights

LAYOUT = make_layout((4, 3), (3, 2), (True, False))
MANY_LEVELS = make_layout((40_000, 3), (3, 2), (True, False))
CASES: list[tuple[Task, EncodedShape, dict[str, Any]]] = [
    ("binary", LAYOUT, {}),
    ("multiclass", LAYOUT, {"optimizer": "adagrad", "hidden_batch_norm": True}),
    ("regression", LAYOUT, {"optimizer": "sgd", "weight_averaging": False}),
    ("binary", LAYOUT, {"members": 3, "dropout": 0.3, "weight_averaging": True}),
    ("binary", MANY_LEVELS, {"optimizer": "adam", "weight_averaging": True}),
    ("binary", MANY_LEVELS, {"optimizer": "adagrad"}),
]


@pytest.fixture(autouse=True)
def _no_idle_graph() -> None:
    idle_graphs._idle.clear()


def make(task: Task, layout: EncodedShape, **settings: Any) -> TrainingLoop:
    made = {"numeric": "piecewise", "dropout": 0.2, **SMALL, "epochs": 6, **settings}
    table = make_table(60, layout, task)
    return TrainingLoop(
        layout,
        Settings(**made),
        make_target(task),
        *table,
        validation=make_table(30, layout, task, seed=1),
    )


def without_times(epochs: list[Epoch]) -> list[Any]:
    return [(each.number, each.train, each.validation, each.best) for each in epochs]


@pytest.mark.parametrize(("task", "layout", "settings"), CASES)
def test_a_used_graph_trains_like_a_new_one(
    task: Task, layout: EncodedShape, settings: dict[str, Any]
) -> None:
    new = make(task, layout, random_state=2, **settings)
    expected = without_times([*new.epochs()])
    earlier = make(task, layout, random_state=1, learning_rate=0.1, **settings)
    list(earlier.epochs(count=3))
    kept = earlier.weights()
    used = earlier._graph
    earlier.release()

    again = make(task, layout, random_state=2, **settings)

    assert again._graph is used
    assert without_times([*again.epochs()]) == expected
    assert_equal_weights(again.weights(), new.weights())
    assert_equal_weights(earlier.weights(), kept)


@pytest.mark.parametrize(("task", "layout", "settings"), CASES)
def test_a_training_goes_on_after_another_has_used_its_graph(
    task: Task, layout: EncodedShape, settings: dict[str, Any]
) -> None:
    whole = make(task, layout, **settings)
    expected = without_times([*whole.epochs()])
    first = make(task, layout, **settings)
    epochs = [*first.epochs(count=2)]
    first.release()
    other = make(task, layout, random_state=5, **settings)
    list(other.epochs(count=2))

    epochs += first.epochs()

    assert without_times(epochs) == expected
    assert_equal_weights(first.weights(), whole.weights())


def test_trainings_at_the_same_time_have_graphs_of_their_own() -> None:
    first, second = (make("binary", LAYOUT, random_state=seed) for seed in (1, 2))
    for training in (first, second):
        training.release()
    assert first.learning_rate == second.learning_rate
    assert first._graph is not second._graph


@pytest.mark.parametrize(
    "settings", [{"dropout": 0.5}, {"embedding_dim": 3}, {"l2_embedding": 0.5}, {"members": 2}]
)
def test_other_settings_have_another_graph(settings: dict[str, Any]) -> None:
    first = make("binary", LAYOUT)
    used = first._graph
    first.release()
    assert make("binary", LAYOUT, **settings)._graph is not used


def test_few_graphs_are_kept_and_no_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for dim in range(1, 10):
        make("binary", LAYOUT, embedding_dim=dim).release()
    assert len(idle_graphs._idle) == 4
    monkeypatch.setattr(idle_graphs, "_MOST_ENTRIES", 10)
    large = make("binary", LAYOUT, embedding_dim=20)
    graph = large._graph
    large.release()
    assert large._graph is graph
    assert all(np.isfinite(array).all() for array in large.weights().values())

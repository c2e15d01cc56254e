"""Graphs that no training uses, for the next of the same shape: tracing one takes half a second."""

from __future__ import annotations

import threading
from collections import OrderedDict

from nfm.model.training_graph import GraphShape, TrainingGraph

_MOST_GRAPHS = 4
_MOST_ENTRIES = 2**22  # of weights and the optimiser's state: 16 MiB
_idle: OrderedDict[GraphShape, TrainingGraph] = OrderedDict()
_lock = threading.Lock()


def acquire(shape: GraphShape, random_state: int) -> TrainingGraph:
    """Return a graph for a new training, as if it were new.

    Args:
        shape: What the graph depends on.
        random_state: Seed of its initial weights and of dropout.
    """
    new = TrainingGraph(shape, random_state)
    with _lock:
        known = _idle.pop(shape, None)
    if known is None:
        return new
    known.restart(random_state, new.state())
    return known


def is_small(graph: TrainingGraph) -> bool:
    """Return whether a graph takes so little memory that it can be kept."""
    return graph.entries <= _MOST_ENTRIES


def release(graph: TrainingGraph) -> None:
    """Keep a small graph that a training has ended with; of several, the last ones are kept."""
    with _lock:
        _idle[graph.shape] = graph
        _idle.move_to_end(graph.shape)
        while len(_idle) > _MOST_GRAPHS:
            _idle.popitem(last=False)

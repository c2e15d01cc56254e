"""Every figure of the app, drawn from awkward data: long names, rare classes, large numbers.

`FIGURES` is what the tests of the figures' room go through, and what `gallery_app` shows in a
browser. Whoever adds a figure adds it here: `test_gallery.py` finds what is missing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from nfm.epoch import Epoch, Metrics
from nfm.evaluation.calibration import calibration_bins
from nfm.evaluation.confidence_intervals import Interval
from nfm.evaluation.slices import Slice
from nfm.evaluation.thresholds import ConfusionCounts, ThresholdCurve
from nfm.explanation import embedding_map as vectors
from nfm.explanation import ice_curves
from nfm.explanation import importance as measured
from nfm.explanation import pair_strengths as strengths
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import explain
from nfm.figures import (
    calibration_curve,
    column_bars,
    confusion_matrix,
    embedding_map,
    importance,
    learn_charts,
    live_learning_curve,
    missing_map,
    network_graph,
    optimizer_paths,
    pair_strengths,
    partial_dependence,
    predicted_numbers,
    probabilities,
    run_comparison,
    score_histogram,
    search_trials,
    slice_errors,
    threshold_charts,
    two_column_map,
    vector_heatmap,
    waterfall,
    what_if,
)
from nfm.figures.labels import PredictionAxis, label, prediction_axis
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.settings_search.study import SearchTrial
from nfm.tabular.encoded_table import EncodedShape
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.profile import TableProfile, profile_table
from nfm.tabular.wording import Wording
from nfm.teaching.optimizer_paths import valley_path
from nfm.teaching.overfitting import Curves
from nfm.teaching.pooling import PoolingCost
from nfm.text import shorten
from tests.inference.explaining import HOSTILE, make_reference_data

Kind = Literal["echarts", "plotly", "vega", "graphviz"]

LONG = "Households with three or more members"
EUROS = Wording(unit="€")
PLOTLY_HEIGHT = 450  # what Plotly takes where a layout says nothing


@dataclass(frozen=True)
class Entry:
    """One figure.

    Attributes:
        kind: The library that draws it.
        draw: Makes it.
        height: In pixels, as its page gives it; None where the figure says it itself.
        draws: The function of `nfm.figures` that is shown, as "module.function".
    """

    kind: Kind
    draw: Callable[[], Any]
    height: int | None
    draws: str


@functools.cache
def reference(task: str) -> ReferenceData:
    return make_reference_data(task)  # type: ignore[arg-type]


def axis(task: str, escape: Callable[[object], str]) -> PredictionAxis:
    target = reference(task).bundle.target
    output = 2 if task == "multiclass" else 0
    wording = EUROS if task == "regression" else Wording()
    return prediction_axis(target, output, escape=escape, wording=wording)


def row(task: str) -> Any:
    found = reference(task)
    return found.read(found.frame.iloc[[3]])


def scores(rare: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Whether each row is of the class, and its probability."""
    random = np.random.default_rng(4)
    positive = random.random(3000) < (0.02 if rare else 0.35)
    if rare:
        return positive, np.clip(0.02 + 0.05 * positive + 0.02 * random.random(3000), 0, 1)
    return positive, 0.3 * positive + 0.7 * random.random(3000)


def epochs(count: int, *, best: int = 58, size: float = 1.0) -> list[Epoch]:
    return [
        Epoch(
            number,
            Metrics(size / number, accuracy=1 - 0.5 / number, mae=1e5 * size / number),
            Metrics(size * 1.2 / number, accuracy=1 - 0.6 / number, mae=1.2e5 * size / number),
            1e-3,
            0.1 * number,
            100.0,
            number <= best,
        )
        for number in range(1, count + 1)
    ]


@functools.cache
def profile(task: str) -> TableProfile:
    random = np.random.default_rng(1)
    size = 600
    target: Any = {
        "binary": random.integers(0, 2, size),
        "multiclass": random.choice(["Adelie", LONG, "Gentoo"], size),
        "regression": random.gamma(2, 120_000, size).round(),
    }[task]
    frame = pd.DataFrame(
        {
            f"{LONG}, of all": random.choice([LONG, f"{LONG} (2)", "none", None], size),
            "income": np.where(random.random(size) < 0.2, np.nan, random.gamma(2, 30_000, size)),
            "target": target,
        }
    )
    return profile_table(frame, infer_schema(frame, "target", task))  # type: ignore[arg-type]


def _column(task: str, place: int) -> Callable[[], Any]:
    def draw() -> Any:
        found = profile(task)
        columns = [*found.columns, *([found.target] if found.target is not None else [])]
        return column_bars.column_bars(columns[place], found)

    return draw


def _what_if(task: str, column: int) -> Callable[[], Any]:
    def draw() -> Any:
        found = ice_curves.ice_curves(reference(task), row(task))
        output = 2 if task == "multiclass" else 0
        drawn = axis(task, shorten)
        limits = what_if.prediction_limits(found, drawn, output)
        return what_if.what_if_panel(found[column], drawn, limits, output)

    return draw


def _steps(task: str, escape: Callable[[object], str]) -> list[waterfall.WaterfallBar]:
    output = 2 if task == "multiclass" else 0
    found = explain(reference(task), row(task))
    return waterfall.waterfall_steps(found, axis(task, escape), output)


def _sweep(rare: bool) -> ThresholdCurve:
    return ThresholdCurve.of(*scores(rare))


PATHS = {
    name: valley_path(rule, 0.03, 10.0, (-1.6, 2.2), 20)  # type: ignore[arg-type]
    for rule, name in {"sgd": "SGD", "adagrad": "Adagrad", "adam": "Adam"}.items()
}
STEPS = np.arange(0, 401, 10)
ACTUAL = np.random.default_rng(0).gamma(2, 120_000, 800)
PREDICTED = ACTUAL + np.random.default_rng(1).normal(0, 40_000, 800)
LAYOUT = EncodedShape(("Sex", LONG), (3, 40), ("Age",), (16,), (True,))
SLICES = (
    Slice(LONG, LONG, 2_000, 0.25, Interval(0.1, 0.4)),
    Slice(LONG, "single", 1, 1.0, None),
    Slice(LONG, HOSTILE, 77, 0.0, Interval(0.0, 0.02)),
)
NUMBER_SLICES = tuple(
    Slice("rooms", str(place), 100, 20_000.0 * place, Interval(15_000.0 * place, 30_000.0 * place))
    for place in (1, 2, 3)
)
FIRM = {("port", "cabin")}


def _echarts(draws: str, draw: Callable[[], Any], height: int = 340) -> Entry:
    return Entry("echarts", draw, height, draws)


def _plotly(draws: str, draw: Callable[[], Any]) -> Entry:
    return Entry("plotly", draw, None, draws)


FIGURES: dict[str, Entry] = {
    "decision matrix": _echarts(
        "threshold_charts.decision_matrix",
        lambda: threshold_charts.decision_matrix(
            ConfusionCounts(1_234, 56, 78, 91_011), ("died", "survived")
        ),
    ),
    "decision matrix, long names": _echarts(
        "threshold_charts.decision_matrix",
        lambda: threshold_charts.decision_matrix(
            ConfusionCounts(7, 2, 3, 8), ("all other classes", shorten(LONG, 30))
        ),
    ),
    "histogram": _echarts(
        "score_histogram.score_histogram",
        lambda: score_histogram.score_histogram(*scores(), 0.5, ("died", "survived")),
    ),
    "histogram, rare": _echarts(
        "score_histogram.score_histogram",
        lambda: score_histogram.score_histogram(*scores(True), 0.05, ("no", shorten(LONG, 30))),
    ),
    "ROC": _echarts(
        "threshold_charts.roc_curve", lambda: threshold_charts.roc_curve(_sweep(False), 0.5)
    ),
    "precision and recall": _echarts(
        "threshold_charts.precision_recall_curve",
        lambda: threshold_charts.precision_recall_curve(_sweep(True), 0.05),
    ),
    "run curves": _echarts(
        "run_comparison.run_curves",
        lambda: run_comparison.run_curves(
            [
                run_comparison.RunCurve(f"{LONG} {number}", number, epochs(20 + number))
                for number in (1, 2, 3)
            ],
            "mae",
            "Mean absolute error (€)",
        ),
    ),
    "run curves, none": _echarts(
        "run_comparison.run_curves",
        lambda: run_comparison.run_curves([], "accuracy", "Accuracy (%)"),
    ),
    "probabilities": _echarts(
        "probabilities.probability_bars",
        lambda: probabilities.probability_bars(
            ["Adelie", LONG, "Gentoo"], [0.2, 0.05, 0.75], [0.3, 0.3, 0.4]
        ),
        probabilities.bar_height(3),
    ),
    "probabilities, one sure": _echarts(
        "probabilities.probability_bars",
        lambda: probabilities.probability_bars(["died", "survived"], [0.0, 1.0]),
        probabilities.bar_height(2),
    ),
    "valley": _echarts(
        "optimizer_paths.valley_map", lambda: optimizer_paths.valley_map(PATHS, 10.0), 360
    ),
    "descent": _echarts(
        "optimizer_paths.descent_curves", lambda: optimizer_paths.descent_curves(PATHS, 10.0), 360
    ),
    "factors": _echarts(
        "vector_heatmap.factor_map",
        lambda: vector_heatmap.factor_map(
            ["Switch 1", LONG],
            np.random.default_rng(2).normal(size=(2, 4)),
            "Vectors that the FM learned for your lamp",
        ),
        vector_heatmap.factor_map_height(2),
    ),
    "factors, many": _echarts(
        "vector_heatmap.factor_map",
        lambda: vector_heatmap.factor_map(
            ["Age", LONG, "Fare"],
            np.random.default_rng(2).normal(size=(3, 32)),
            "Vectors: one row per column",
        ),
        vector_heatmap.factor_map_height(3),
    ),
    "lamp": _echarts(
        "learn_charts.truth_table_bars",
        lambda: learn_charts.truth_table_bars(
            ["↓↓↓", "↓↓↑", "↓↑↓", "↓↑↑", "↑↓↓", "↑↓↑", "↑↑↓", "↑↑↑"],
            [False, True, True, False, True, False, False, True],
            {name: [0.5] * 7 + [1.0] for name in ("Linear", "FM", "NFM")},
        ),
        300,
    ),
    "overfitting": _echarts(
        "learn_charts.overfitting_curves",
        lambda: learn_charts.overfitting_curves(
            Curves(STEPS, 0.7 * np.exp(-STEPS / 100), 0.6 + STEPS / 300)
        ),
        320,
    ),
    "pooling cost": _echarts(
        "learn_charts.cost_curve",
        lambda: learn_charts.cost_curve(
            [PoolingCost(2**n, 4**n, 2**n, 1e-6 * 4**n, 2e-6 * 2**n) for n in range(1, 10)]
        ),
        320,
    ),
    "units": _echarts(
        "learn_charts.activation_bars",
        lambda: learn_charts.activation_bars(
            np.random.default_rng(5).normal(size=64), "Output of hidden layer 1", "Unit"
        ),
        240,
    ),
    **{
        f"waterfall, {task}": _echarts(
            "waterfall.waterfall",
            lambda task=task: waterfall.waterfall(_steps(task, shorten), axis(task, shorten)),
            380,
        )
        for task in ("binary", "multiclass", "regression")
    },
    **{
        f"waterfall in a notebook, {task}": _plotly(
            "waterfall.waterfall_figure",
            lambda task=task: waterfall.waterfall_figure(_steps(task, label), axis(task, label)),
        )
        for task in ("binary", "multiclass", "regression")
    },
    **{
        f"what if, {name}": _echarts(
            "what_if.what_if_panel", _what_if(task, column), what_if.PANEL_HEIGHT
        )
        for name, (task, column) in {
            "levels": ("binary", 0),
            "number": ("regression", 2),
            "hostile": ("multiclass", 3),
            "date": ("binary", 4),
        }.items()
    },
    "calibration": _plotly(
        "calibration_curve.calibration_curve",
        lambda: calibration_curve.calibration_curve(
            calibration_bins(*scores(), 10), "Share of right answers"
        ),
    ),
    "calibration, rare": _plotly(
        "calibration_curve.calibration_curve",
        lambda: calibration_curve.calibration_curve(
            calibration_bins(*scores(True), 10), "Observed share"
        ),
    ),
    **{
        f"column, {task} {place}": _plotly("column_bars.column_bars", _column(task, place))
        for task in ("binary", "multiclass", "regression")
        for place in (0, 1, 2)
    },
    "confusion": _plotly(
        "confusion_matrix.confusion_matrix",
        lambda: confusion_matrix.confusion_matrix(
            np.array([[1_203, 17, 4], [0, 904, 3], [88, 0, 1]]), ["Adelie", LONG, HOSTILE]
        ),
    ),
    "search": _plotly("search_trials.search_trials", lambda: _search()),
    "embeddings": _plotly("embedding_map.embedding_map", lambda: _embeddings()),
    "permutation": _plotly("importance.permutation_bars", lambda: _permutation()),
    **{
        f"mean contribution, {task}": _plotly(
            "importance.shapley_bars",
            lambda task=task: importance.shapley_bars(
                measured.shapley_importance(reference(task), 3), axis(task, label)
            ),
        )
        for task in ("binary", "regression")
    },
    "level table": _plotly(
        "pair_strengths.level_table",
        lambda: pair_strengths.level_table(
            strengths.level_pair_table(reference("binary"), "port", HOSTILE)
        ),
    ),
    "missing": _plotly(
        "missing_map.missing_map", lambda: missing_map.missing_map(profile("binary"))
    ),
    "ranking": _plotly(
        "pair_strengths.pair_ranking",
        lambda: pair_strengths.pair_ranking(
            strengths.pair_strengths(reference("binary")), 0, 10, FIRM
        ),
    ),
    "pair map": _plotly(
        "pair_strengths.pair_heat_map",
        lambda: pair_strengths.pair_heat_map(strengths.pair_strengths(reference("binary"))),
    ),
    "pair network": _plotly(
        "pair_strengths.pair_network",
        lambda: pair_strengths.pair_network(
            strengths.pair_strengths(reference("binary")), 0, 10, FIRM
        ),
    ),
    **{
        f"dependence, {column}": _plotly(
            "partial_dependence.partial_dependence",
            lambda task=task, column=column: partial_dependence.partial_dependence(
                ice_curves.partial_dependence(reference(task), column), axis(task, label)
            ),
        )
        for task, column in {"regression": "fare", "binary": "port", "multiclass": "start"}.items()
    },
    "predicted and actual": _plotly(
        "predicted_numbers.predicted_against_actual",
        lambda: predicted_numbers.predicted_against_actual(ACTUAL, PREDICTED, LONG, "€"),
    ),
    "residuals": _plotly(
        "predicted_numbers.residuals_against_predicted",
        lambda: predicted_numbers.residuals_against_predicted(ACTUAL, PREDICTED, LONG, "€"),
    ),
    "residual histogram": _plotly(
        "predicted_numbers.residual_histogram",
        lambda: predicted_numbers.residual_histogram(ACTUAL - PREDICTED, LONG, "€"),
    ),
    "slices": _plotly(
        "slice_errors.slice_errors",
        lambda: slice_errors.slice_errors(SLICES, 0.3, "Wrong predictions (%)", percent=True),
    ),
    "slices of a number": _plotly(
        "slice_errors.slice_errors",
        lambda: slice_errors.slice_errors(NUMBER_SLICES, 30_000, "Mean absolute error (€)"),
    ),
    "two columns": _plotly(
        "two_column_map.two_column_map",
        lambda: two_column_map.two_column_map(
            ice_curves.heatmap_2d(reference("regression"), row("regression"), HOSTILE, "start"),
            axis("regression", label),
        ),
    ),
    "live curve": Entry(
        "vega",
        lambda: live_learning_curve.learning_curve(epochs(70), "loss", "Log loss", planned=100),
        320,
        "live_learning_curve.learning_curve",
    ),
    "live curve, ended": Entry(
        "vega",
        lambda: live_learning_curve.learning_curve(
            epochs(50, best=49), "mae", "Mean absolute error (€)", planned=50, finished=True
        ),
        320,
        "live_learning_curve.learning_curve",
    ),
    "live curve, none": Entry(
        "vega",
        lambda: live_learning_curve.learning_curve([], "accuracy", "Accuracy (%)", planned=50),
        320,
        "live_learning_curve.learning_curve",
    ),
    "network": Entry(
        "graphviz",
        lambda: network_graph.network_graph(
            NetworkArchitecture(LAYOUT, Settings(), 3), target=LONG, task="multiclass"
        ),
        None,
        "network_graph.network_graph",
    ),
}


def _embeddings() -> Any:
    found = vectors.embedding_vectors(reference("binary").bundle)
    return embedding_map.embedding_map(found, vectors.Plane.fit(found.vectors))


def _permutation() -> Any:
    found = reference("regression")
    labels = 1e5 * np.arange(len(found.frame))
    shuffled = measured.permutation_importance(found, found.frame, labels, repeats=2)
    return importance.permutation_bars(shuffled)


def _search() -> Any:
    """Trials that have ended in all ways."""
    losses = (0.5, 0.41, 1.7, 0.38, None)
    states = ("completed", "completed", "pruned", "stopped", "failed")
    changed = {"learning_rate": 0.0021, "hidden_units": (128, 64), "rare_level_dropout": 0.77}
    return search_trials.search_trials(
        [
            SearchTrial(number, Settings(), changed if number > 1 else {}, state, loss)
            for number, (state, loss) in enumerate(zip(states, losses, strict=True), 1)
        ]
    )

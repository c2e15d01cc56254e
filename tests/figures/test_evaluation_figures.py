"""The Plotly figures of the Evaluate page."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nfm.evaluation.calibration import calibration_bins
from nfm.evaluation.confidence_intervals import Interval
from nfm.evaluation.slices import Slice
from nfm.figures.calibration_curve import calibration_curve
from nfm.figures.confusion_matrix import confusion_matrix
from nfm.figures.predicted_numbers import (
    predicted_against_actual,
    residual_histogram,
    residuals_against_predicted,
)
from nfm.figures.slice_errors import slice_errors

HOSTILE = "<b>x</b> & %{y}"
ESCAPED = "&lt;b&gt;x&lt;/b&gt; &amp; %{y}"
RANDOM = np.random.default_rng(0)
ACTUAL = RANDOM.normal(10, 3, 5000)
PREDICTED = ACTUAL + RANDOM.normal(0, 1, 5000)
SLICES = (
    Slice("c", HOSTILE, 20, 0.25, Interval(0.1, 0.4)),
    Slice("c", "single", 1, 1.0, None),
)
FIGURES = {
    "calibration": lambda: calibration_curve(
        calibration_bins(RANDOM.random(200) < 0.5, RANDOM.random(200)), "Observed share"
    ),
    "confusion": lambda: confusion_matrix(np.array([[3, 1], [0, 4]]), [HOSTILE, "b"]),
    "predicted": lambda: predicted_against_actual(ACTUAL, PREDICTED, HOSTILE),
    "residuals": lambda: residuals_against_predicted(ACTUAL, PREDICTED, HOSTILE),
    "residual_histogram": lambda: residual_histogram(ACTUAL - PREDICTED, HOSTILE),
    "slices": lambda: slice_errors(SLICES, 0.3, "Answered wrongly (%)", percent=True),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_a_title_named_axes_and_no_paper_colours(name):
    layout = FIGURES[name]().layout
    assert layout.title.text
    assert layout.xaxis.title.text
    assert layout.yaxis.title.text
    assert layout.paper_bgcolor is None
    assert layout.plot_bgcolor is None


@pytest.mark.parametrize("name", sorted(FIGURES.keys() - {"calibration"}))
def test_hostile_names_are_escaped_and_never_in_a_template(name):
    figure = FIGURES[name]()
    text = json.dumps(json.loads(figure.to_json()), ensure_ascii=False)
    assert ESCAPED in text.replace("<br>", " ")
    assert "<b>" not in text
    for trace in figure.data:
        assert "x&lt;" not in (trace.hovertemplate or "") + (trace.name or "")


def test_calibration_shows_intervals_in_percent():
    bins = calibration_bins(np.array([True, False, True, True]), np.full(4, 0.5))
    points = calibration_curve(bins, "Share").data[1]
    assert list(points.y) == [75]
    assert points.y[0] + points.error_y.array[0] == pytest.approx(100 * bins.high[0])
    assert points.y[0] - points.error_y.arrayminus[0] == pytest.approx(100 * bins.low[0])


def test_confusion_shows_shares_of_the_actual_class_and_the_most_frequent_classes():
    heatmap = FIGURES["confusion"]().data[0]
    np.testing.assert_allclose(heatmap.z, [[75, 25], [0, 100]])
    counts = np.diag(np.arange(30))
    many = confusion_matrix(counts, [str(place) for place in range(30)])
    assert many.data[0].z.shape == (20, 20)
    assert many.layout.yaxis.ticktext[0] == "10"


def test_of_many_rows_two_thousand_are_drawn():
    figure = FIGURES["predicted"]()
    assert len(figure.data[0].x) == 2000
    assert figure.data[1].x[0] == min(ACTUAL.min(), PREDICTED.min())


def test_histogram_counts_every_residual():
    assert sum(FIGURES["residual_histogram"]().data[0].y) == 5000


def test_slices_show_their_counts_intervals_and_the_overall_error():
    figure = FIGURES["slices"]()
    points = figure.data[0]
    assert list(points.x) == [25, 100]
    assert list(points.error_x.array) == pytest.approx([15, 0])
    assert list(points.error_x.arrayminus) == pytest.approx([15, 0])
    assert figure.layout.shapes[0].x0 == pytest.approx(30)
    assert figure.layout.yaxis.ticktext[1] == "single (1)"

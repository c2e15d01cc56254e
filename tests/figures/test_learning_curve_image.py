"""The stored training's curve: a well-formed image with both curves inside its axes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nfm.epoch import Epoch, Metrics
from nfm.figures.learning_curve_image import learning_curve_image
from nfm.figures.palette import TEXT_ON_DARK, TEXT_ON_LIGHT

SVG = "{http://www.w3.org/2000/svg}"


def history(losses, validation=True):
    return [
        Epoch(n, Metrics(loss), Metrics(loss + 0.1) if validation else None, 0.001, 1.0, 1.0, True)
        for n, loss in enumerate(losses, start=1)
    ]


def curves(image: str) -> list[list[tuple[float, float]]]:
    lines = ElementTree.fromstring(image).iter(f"{SVG}polyline")
    return [
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        for line in lines
    ]


@pytest.mark.parametrize("losses", [(0.7, 0.5, 0.45), (12.0, 3.0), (0.001, 0.0009, 0.0008, 0.0007)])
def test_both_curves_fall_as_the_losses_do_inside_the_axes(losses):
    image = learning_curve_image(history(losses))
    training, validation = curves(image)
    assert len(training) == len(validation) == len(losses)
    for points in (training, validation):
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert [y for _, y in points] == sorted(y for _, y in points)  # down the page
        assert all(0 < x < 520 and 30 <= y <= 210 for x, y in points)
    assert all(above[1] < below[1] for above, below in zip(validation, training, strict=True))


def test_a_training_without_validation_rows_has_one_curve():
    training, validation = curves(learning_curve_image(history((0.7, 0.5), validation=False)))
    assert len(training) == 2
    assert validation == []


def test_text_is_dark_on_a_light_page_and_light_on_a_dark_one():
    light, dark = (learning_curve_image(history((0.7, 0.5)), dark=dark) for dark in (False, True))
    assert TEXT_ON_LIGHT in light
    assert TEXT_ON_DARK in dark

"""The pictures of the samples."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest

from nfm.figures.sample_picture import sample_picture
from nfm.tabular.samples import SAMPLES


@pytest.mark.parametrize("key", SAMPLES)
def test_picture_is_a_small_image_of_its_own(key):
    image = ElementTree.fromstring(sample_picture(key))
    assert image.tag.endswith("svg")
    assert len(image) >= 4
    assert len(sample_picture(key)) < 40_000
    assert sum(sample_picture(key) == sample_picture(other) for other in SAMPLES) == 1


def test_another_sample_is_drawn_by_its_first_two_numbers(monkeypatch):
    table = pd.DataFrame({"name": ["a", "b"], "width": [1.0, 3.0], "height": [2.0, 5.0]})
    monkeypatch.setattr("nfm.figures.sample_picture.load_sample", lambda key: table)
    assert sample_picture("boxes").count("<circle") == 2

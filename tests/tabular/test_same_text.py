"""Accents, blanks and line breaks that look alike mean the same level."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_notes

TOWNS = ["Zürich", "New York", "12 Main St\nRome", "Bonn"] * 10
ALIKE = {
    "Zürich": unicodedata.normalize("NFD", "Zürich"),
    "New York": "New\u00a0York",
    "12 Main St\nRome": "12 Main St\r\nRome",
}


def table(towns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"town": towns, "y": [place % 2 for place in range(len(towns))]})


@pytest.mark.parametrize("trained", [TOWNS, [ALIKE.get(town, town) for town in TOWNS]])
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_a_level_is_known_in_each_of_its_forms(trained: list[str], dtype: str) -> None:
    frame = table(trained)
    encoder = Encoder.fit(frame, infer_schema(frame, "y").features, Settings())
    expected = encoder.transform(frame).codes
    assert (expected > 0).all()
    for form in (TOWNS, [ALIKE.get(town, town) for town in TOWNS], [f" {t}  " for t in TOWNS]):
        rows = table(form).astype({"town": dtype})
        assert (encoder.transform(rows).codes == expected).all()
        assert not reading_notes(rows, encoder)


def test_forms_that_training_had_apart_stay_apart() -> None:
    frame = table([*TOWNS, *[ALIKE["Zürich"]] * 10])
    encoder = Encoder.fit(frame, infer_schema(frame, "y").features, Settings())
    codes = encoder.transform(frame).codes[:, 0]
    assert codes[0] != codes[-1]


def test_items_of_a_list_are_known_in_each_of_their_forms() -> None:
    cells = ["Zürich|Bonn", "Bonn", "Zürich", "Bonn|Rom|Zürich"] * 10
    frame = table(cells)
    encoder = Encoder.fit(frame, infer_schema(frame, "y").features, Settings())
    other = table([unicodedata.normalize("NFD", cell) for cell in cells])
    assert (encoder.transform(other).codes == encoder.transform(frame).codes).all()

"""Accents, blanks, quotes and dashes that look alike mean the same level."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

from nfm.files.reading import read_raw_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import notes_and_doubts

TOWNS = ["Zürich", "New York", "12 Main St\nRome", "Land's End", "18-24", 'The "A"', "Bonn"] * 10
ALIKE = {
    "Zürich": unicodedata.normalize("NFD", "Zürich"),
    "New York": "New\u00a0York",
    "12 Main St\nRome": "12 Main St\r\nRome",
    "Land's End": "Land\u2019s End",
    "18-24": "18\u201324",
    'The "A"': "The \u201cA\u201d",
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
        assert notes_and_doubts(rows, encoder, encoder.columns) == ((), ())


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u200e", "\u2060", "\ufeff"])
def test_characters_that_are_not_seen_mean_nothing(mark: str) -> None:
    towns = ["Oslo", "Rome", "Bonn"] * 20
    sizes = [f"{place}.5" for place in range(60)]
    days = [f"2024-{place % 12 + 1}-{place % 28 + 1}" for place in range(60)]

    def file(around: bool) -> bytes:
        rows = zip(towns, sizes, days, strict=True)
        write = mark.join if around else "".join
        text = [",".join(write(["", *cell, ""]) for cell in row) for row in rows]
        return "\n".join(["town,size,day", *text]).encode()

    plain, marked = (read_table_file(file(around)).frame for around in (False, True))
    assert plain["size"].equals(marked["size"])
    assert plain["day"].equals(marked["day"])
    for trained, later in ((plain, True), (marked, False)):
        encoder = Encoder.fit(trained, infer_schema(trained, "day").features, Settings())
        rows = read_raw_table(file(later), wanted=encoder.columns).frame
        assert (encoder.transform(rows).codes == encoder.transform(trained).codes).all()
        assert notes_and_doubts(rows, encoder, encoder.columns) == ((), ())


def test_a_blank_cell_may_have_a_character_that_is_not_seen() -> None:
    frame = read_table_file("town,y\nOslo,1\n\u200b,2\n\ufeff Rome \u200e,3\n".encode()).frame
    assert frame["town"].fillna("").tolist() == ["Oslo", "", "Rome"]


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

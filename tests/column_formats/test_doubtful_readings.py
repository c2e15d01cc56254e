"""What might mean something else on another route is named, or means the same."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from nfm.files.reading import read_raw_table, read_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.alignment import reading_warnings
from nfm.tabular.encoding import Encoder
from nfm.tabular.schema import infer_schema


def trained(frame: pd.DataFrame, **kinds: str) -> Encoder:
    columns = [
        column.model_copy(update={"role": "feature", "kind": kinds.get(column.name, column.kind)})
        for column in infer_schema(frame).columns
    ]
    return Encoder.fit(frame, columns, Settings(min_level_count=1))


def file(cells: list[str], delimiter: str = ",") -> bytes:
    rows = [f"{cell}{delimiter}{row % 7}" for row, cell in enumerate(cells)]
    return "\n".join([f"k{delimiter}v", *rows]).encode()


def warned(frame: pd.DataFrame, encoder: Encoder) -> str:
    return " ".join(reading_warnings(frame.assign(v=1), encoder))


def test_a_value_that_other_readers_take_for_missing_is_named():
    encoder = trained(read_table(file(["None", "Brick", "Stone"] * 20)))
    small = b"k\nNone\nBrick\n"
    for frame in (read_table(small), pd.read_csv(io.BytesIO(small))):
        assert "'None' was a value" in warned(frame, encoder)
    assert warned(read_raw_table(small).frame, encoder) == ""


@pytest.mark.parametrize(
    "other",
    [
        lambda when: when.dt.tz_convert("UTC"),
        lambda when: when.dt.tz_convert(datetime.timezone(datetime.timedelta(hours=5))),
        lambda when: when.dt.tz_convert("UTC").astype(object),
        lambda when: when.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ],
)
def test_another_time_zone_is_named(other):
    when = pd.Series(pd.date_range("2024-03-04", periods=60, freq="h", tz="America/New_York"))
    encoder = trained(pd.DataFrame({"k": when, "v": range(60)}))
    assert "America/New_York" in warned(pd.DataFrame({"k": other(when.head(3))}), encoder)
    assert warned(pd.DataFrame({"k": when.head(3)}), encoder) == ""


def test_plain_numbers_for_percentages_are_named_and_the_training_table_is_not():
    table = read_table(file([f"{row * 1.25:.2f}%" for row in range(60)]))
    encoder = trained(table)
    mixed = pd.DataFrame({"k": pd.Series([0.42, "50.0%", None], dtype=object)})
    assert "percentages" in warned(mixed, encoder)
    assert "percentages" in warned(pd.DataFrame({"k": [0.42]}), encoder)
    assert reading_warnings(table, encoder) == ()
    assert warned(pd.DataFrame({"k": ["42%"]}), encoder) == ""


def test_text_that_looks_like_dates_alone_is_named():
    encoder = trained(read_table(file(["05/01/2024", "06/01/2024", "later"] * 20)))
    alone = read_table(b"k\n05/01/2024\n06/01/2024\n")
    assert "before the model saw them" in warned(alone, encoder)


def test_decimals_beside_floats_keep_their_point():
    cells = [f"{row * 1.257:.3f}".replace(".", ",") for row in range(60)]
    encoder = trained(read_table(file(cells, ";")))
    read = encoder.read(
        pd.DataFrame({"k": pd.Series([Decimal("8.641"), 2.5], dtype=object), "v": [1, 2]})
    )
    assert read["k"].tolist() == [8.641, 2.5]


@pytest.mark.parametrize("odd", ["0.5", "1e3"])
def test_long_ids_stay_exact_beside_a_fraction(odd):
    ids = [str(720575940631797000 + 5 * place) for place in range(8)]
    frame = pd.DataFrame({"k": ids * 8, "v": [row % 7 for row in range(64)]})
    encoder = trained(frame, k="categorical")
    asked = pd.DataFrame({"k": [ids[0], ids[1], odd], "v": 1})
    for route in (asked, read_table(asked.to_csv(index=False).encode())):
        np.testing.assert_array_equal(encoder.transform(route).codes[:, 0], [1, 2, 0])


def test_a_decimal_comma_that_may_separate_thousands_is_named():
    notes = read_table_file("x;w\n£9,422;1,5\n£6,915;2,5\n".encode()).notes
    assert any("could separate thousands" in note for note in notes)


def test_digits_of_other_scripts_are_text_and_no_error():
    for cell in ("２０２４年１月５日", "٢٠٢٤-٠١-٠٥", "３４４.８７"):
        assert read_table(f"x,y\n{cell},1\n{cell}9,2\n".encode())["x"].dtype == "str"


def test_a_unit_stands_behind_a_space_that_does_not_break():
    table = read_table("x;y\n344,87\u00a0€;1\n3,4\u202f€;2\n".encode())
    assert table["x"].tolist() == [344.87, 3.4]


def test_a_group_of_thousands_does_not_begin_with_zero():
    assert read_table(b"x;w\n0.345;1,5\n-0.870;2,5\n")["x"].tolist() == [0.345, -0.87]


def test_true_is_found_however_it_is_spelt():
    mixed = pd.Series([True, False, "maybe"] * 20, dtype=object)
    encoder = trained(pd.DataFrame({"k": mixed, "v": range(60)}))
    asked = read_raw_table(b"k,v\nTRUE,1\ntrue,2\nFalse,3\n").frame
    codes = encoder.transform(asked).codes[:, 0]
    assert [encoder.categorical[0].names[code] for code in codes] == ["True", "True", "False"]


def test_typed_cells_of_a_file_keep_their_value():
    encoder = trained(read_table(file(["TRUE", "FALSE", "maybe"] * 20)))
    sheet = io.BytesIO()
    pd.DataFrame({"k": [True, False], "v": [1, 2]}).to_excel(sheet, index=False)
    codes = encoder.transform(read_raw_table(sheet.getvalue()).frame).codes[:, 0]
    assert [encoder.categorical[0].names[code] for code in codes] == ["TRUE", "FALSE"]

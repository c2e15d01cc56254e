from __future__ import annotations

import pyarrow as pa
import pytest

from nfm.column_formats.unit_text import find_unit, lacks_unit, several_units, without_unit


def cells(*texts):
    return pa.chunked_array([list(texts)], pa.string())


@pytest.mark.parametrize(
    ("head", "unit", "sure"),
    [
        (["42%", "7%"], "%", True),
        (["$5", "$7.50"], "$", True),
        (["5 €", "1.234,50 €"], "€", True),
        (["CHF 5", "CHF 7"], "CHF", True),
        (["5 kg", "7.5 kg"], "kg", False),
        (["5 kg", "7 lb"], "", False),
        (["1st", "2nd", "3rd"], "", False),
        (["A1", "A2"], "", False),
        (["5", "7"], "", False),
        (["1e5", "2E-3"], "", False),
        (["12½", "7½"], "", False),
        (["12 m²", "7 m²"], "m²", False),
        (["CHF 12.–", "CHF 7.–"], "CHF", True),
        ([], "", False),
    ],
)
def test_the_unit_of_a_column_is_what_its_cells_share(head, unit, sure):
    assert find_unit(head) == (unit, sure)


def test_the_singular_after_a_one_is_the_unit_too():
    texts = cells("1 day", "5 days", "-1 day", "5 day", "7", None)
    assert lacks_unit(texts, "days").to_pylist() == [False, False, False, True, True, None]
    assert without_unit(texts, "days").to_pylist() == ["1", "5", "-1", "5 day", "7", None]
    assert without_unit(cells("1 mi"), "min").to_pylist() == ["1 mi"]


def test_units_that_differ_are_found_with_an_example_of_each():
    assert several_units(["5 kg", "7 lb", "3 kg"]) == {"kg": "5 kg", "lb": "7 lb"}
    assert several_units(["5 kg", "7 kg"]) == {}
    assert several_units(["A1", "B2", "5 kg"]) == {}

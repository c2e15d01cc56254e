"""Levels that the training table did not have, and dates in the other order, are named."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm.files.reading import read_raw_table, read_table
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_warnings

DAYS = pd.date_range("2024-01-01", periods=90)


def trained(cells: list[str], smallest: int = 1) -> Encoder:
    frame = pd.DataFrame({"k": cells, "v": [row % 7 for row in range(len(cells))]})
    columns = [
        column.model_copy(
            update={"role": "feature", "kind": "date" if column.kind == "date" else "categorical"}
        )
        for column in infer_schema(frame).columns
        if column.name == "k"
    ]
    return Encoder.fit(frame, columns, Settings(min_level_count=smallest))


def warned(cells: list[str | None], encoder: Encoder) -> str:
    return " ".join(reading_warnings(pd.DataFrame({"k": cells}), encoder))


@pytest.mark.parametrize(
    ("trained_as", "written_as", "here"),
    [
        ("%m/%d/%Y", "%d/%m/%Y", "day/month/year"),
        ("%d.%m.%Y", "%m.%d.%Y", "month/day/year"),
        ("%m-%d-%y", "%d-%m-%y", "day/month/year"),
    ],
)
def test_dates_in_the_other_order_put_all_in_doubt(trained_as, written_as, here):
    encoder = trained(list(DAYS.strftime(trained_as)))
    later = [f"{day:{written_as}}" for day in (DAYS[5], DAYS[25])]
    assert f"{later[1]!r} are {here}" in warned(later, encoder)
    assert "day and month swapped" in warned(later, encoder)
    assert "swapped" not in warned([f"{DAYS[5]:{trained_as}}", "41/41/2024"], encoder)


def test_a_new_level_is_named_where_training_had_no_rare_ones():
    encoder = trained(["M", "F"] * 30)
    assert warned(["Male", "F"], encoder) == (
        "'k': 1 of 2 rows have a value that did not occur in training, such as 'Male'; "
        "scored as (other)."
    )
    assert "no value was missing" in warned(["M", "F", None], encoder)


@pytest.mark.parametrize(("kept", "written"), [("N/A", "n/a"), ("None", "none"), ("-", "--")])
def test_another_spelling_of_a_level_that_usually_means_missing_is_named(kept, written):
    frame = read_table(f"k,v\n{f'{kept},1{chr(10)}Gas,2{chr(10)}Wood,3{chr(10)}' * 20}".encode())
    encoder = Encoder.fit(frame, [infer_schema(frame, "v").column("k")], Settings())
    later = read_raw_table(f"k,v\n{written},1\nGas,2\n".encode()).frame
    (doubt,) = reading_warnings(later, encoder)
    assert f"{written!r} counts as missing (1 of 2 rows)" in doubt
    assert f"in training {kept!r} was a value" in doubt
    same = read_raw_table(f"k,v\n{kept},1\nGas,2\n".encode()).frame
    assert reading_warnings(same, encoder) == ()


def test_points_between_thousands_that_became_decimal_marks_are_named_beside_small_numbers():
    frame = pd.DataFrame({"k": [120 + 97 * row for row in range(90)], "v": range(90)})
    encoder = Encoder.fit(frame, [infer_schema(frame, "v").column("k")], Settings())
    later = pd.DataFrame({"k": [924, 1.291, 2.521, 7.5, 3.0]})
    (doubt,) = reading_warnings(later, encoder)
    assert "4 of 5 numbers, such as 1.291, are below the training range" in doubt
    for few in ([1.5, 2.25], [1.291, 924]):
        (doubt,) = reading_warnings(pd.DataFrame({"k": few}), encoder)
        assert "such as 1." in doubt
    for usual in ([924, 1500.5, 2000.25], [924.0, 150.5, 3.5]):
        assert reading_warnings(pd.DataFrame({"k": usual}), encoder) == ()


@pytest.mark.parametrize("smallest", [1, 2])
@pytest.mark.parametrize(
    ("new", "old", "is_named"),
    [(1, 0, False), (1, 1, False), (3, 0, True), (12, 0, True), (5, 30, False), (30, 15, True)],
)
def test_more_new_levels_than_by_chance_are_named(new, old, is_named, smallest):
    """A fifth of the training rows have towns that occur once."""
    towns = [f"town {row // 4}" for row in range(80)] + [f"hamlet {row}" for row in range(20)]
    later = [f"city {row}" for row in range(new)] + [f"town {row % 20}" for row in range(old)]
    assert bool(warned(later, trained(towns, smallest))) == is_named


@pytest.mark.parametrize(
    "written",
    ["ŁÓDŹ", "Lodz", "lódz", "?ód?", "??ód??", "\ufffdód\ufffd", "Łódź".encode().decode("latin-1")],
)
def test_a_level_with_lost_letters_is_named_with_the_one_that_it_was(written: str) -> None:
    towns = ["Łódź", "Kraków"] * 30 + [f"Wieś{number}" for number in range(60)]
    encoder = trained(towns)
    said = warned(["Kraków"] * 20 + [written], encoder)
    assert "the training table has 'Łódź'" in said
    assert warned(["Kraków", "Łódź"] * 10, encoder) == ""

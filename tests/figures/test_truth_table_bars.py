"""What models say about a lamp."""

from __future__ import annotations

from nfm.figures.truth_table_bars import lamp_bars

OPTION = lamp_bars(["↓↓", "↓↑"], [False, True], {"Linear": [0.5, 0.5], "FM": [0.001, 0.9994]})


def test_each_model_has_bars_in_percent_and_the_truth_a_mark():
    linear, fm, truth = OPTION["series"]
    assert (linear["name"], linear["data"]) == ("Linear", [50.0, 50.0])
    assert fm["data"] == [0.1, 99.9]
    assert (truth["type"], truth["data"]) == ("scatter", [0, 100])


def test_axes_hold_all_shares_and_every_case():
    assert OPTION["xAxis"]["data"] == ["↓↓", "↓↑"]
    assert OPTION["xAxis"]["axisLabel"]["interval"] == 0
    assert (OPTION["yAxis"]["min"], OPTION["yAxis"]["max"]) == (0, 100)
    assert "%" in OPTION["title"]["text"]


def test_bars_of_nothing_can_still_be_seen():
    assert all(bar["barMinHeight"] > 0 for bar in OPTION["series"][:-1])

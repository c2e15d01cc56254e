from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nfm.column_formats.date_text import (
    find_first_year,
    find_offset,
    find_order,
    ordered_shapes,
    parse_texts,
)
from nfm.column_formats.legacy_texts import day_comes_first
from nfm.tabular.dates import parse_dates


def parse(*texts, order=None):
    moments = parse_texts(pa.chunked_array([list(texts)], pa.string()), order)
    return [str(moment).removesuffix("T00:00:00") for moment in moments]


def parse_alone(text):
    """A column of one cell, which itself decides the order."""
    return [str(parse_dates(pd.Series([text]))[0]).removesuffix("T00:00:00")]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("Tue 2024-03-05", "2024-03-05"),
        ("2024.03.05 14:30", "2024-03-05T14:30:00"),
        ("2024:03:05 14:30:15", "2024-03-05T14:30:15"),
        ("2024:03:05", "2024-03-05"),
        ("2024-03-05T14:30:15.25Z", "2024-03-05T14:30:15"),
        ("2024/03/05 2:30:15 PM GMT+1", "2024-03-05T14:30:15"),
        ("2024/03/05 2:30:15 am UTC-05:30", "2024-03-05T02:30:15"),
        ("5 mars 2024 à 14:30", "2024-03-05T14:30:00"),
        ("March 5, 2024 at 2:30 PM", "2024-03-05T14:30:00"),
        ("5. März 2024 um 14:30 Uhr", "2024-03-05T14:30:00"),
        ("2024-03-05 14:30:15+02:00", "2024-03-05T14:30:15"),
        ("2024-03-05 14:30:15 CET", "2024-03-05T14:30:15"),
        ("2024-03-05T14:30:15+01:00[Europe/Berlin]", "2024-03-05T14:30:15"),
        ("20240305T143015Z", "2024-03-05T14:30:15"),
        ("２０２４年３月５日", "2024-03-05"),
        ("2024年3月5日 14時30分", "2024-03-05T14:30:00"),
        ("2024. 3. 5.", "2024-03-05"),
        ("Tue Mar 05 14:30:15 UTC 2024", "2024-03-05T14:30:15"),
        ("05/Mar/2024:14:30:15 +0000", "2024-03-05T14:30:15"),
        ("05MAR2024:14:30:15", "2024-03-05T14:30:15"),
        ("5. Ma\u0308rz 2024", "2024-03-05"),
        ("5 марта 2024", "2024-03-05"),
        ("5 augusti 2024", "2024-08-05"),
        ("5 października 2024", "2024-10-05"),
        ("5. listopadu 2024", "2024-11-05"),
        ("5 Ağustos 2024", "2024-08-05"),
        ("5 Maret 2024", "2024-03-05"),
        ("5 noiembrie 2024", "2024-11-05"),
        ("Le mardi 5 mars 2024", "2024-03-05"),
        ("El martes 5 de marzo de 2024", "2024-03-05"),
        ("03/2024", "2024-03-01"),
        ("2024-Q3", "2024-07-01"),
        ("Q3 2024", "2024-07-01"),
        ("2024-W10", "2024-03-04"),
        ("2024-W10-2", "2024-03-05"),
        ("2024-03", "2024-03-01"),
        ("2024-02-29", "2024-02-29"),
        ("20240305", "2024-03-05"),
        ("20240305.0", "2024-03-05"),
        ("1Q2024", "2024-01-01"),
        ("4Q 2023", "2023-10-01"),
        ("2024年3月5日", "2024-03-05"),
        ("2024년 3월 5일", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("5th Mar, 2024", "2024-03-05"),
        ("05-Mar-24", "2024-03-05"),
        ("March 5, 2024", "2024-03-05"),
        ("Mar 5 2024", "2024-03-05"),
        ("Tuesday, March 5, 2024", "2024-03-05"),
        ("Sept 2024", "2024-09-01"),
        ("16. März 2024", "2024-03-16"),
        ("Montag, 4. Dez. 2023", "2023-12-04"),
        ("1er février 2024", "2024-02-01"),
        ("14 août 2023", "2023-08-14"),
        ("5 de mayo de 2024", "2024-05-05"),
        ("3 gennaio 2024", "2024-01-03"),
        ("12 dic 2023", "2023-12-12"),
        ("28 de fevereiro de 2023", "2023-02-28"),
        ("9 out 2023", "2023-10-09"),
        ("16 maart 2024", "2024-03-16"),
        ("3 mei 2024", "2024-05-03"),
        ("Sat, 9 Mar 2024 10:00:00 GMT", "2024-03-09T10:00:00"),
    ],
)
def test_a_date_that_can_mean_one_day_only_is_read_without_an_order(text, moment):
    assert parse(text) == [moment]
    assert parse(text, order="mdy") == [moment]
    assert parse_alone(text) == [moment]


@pytest.mark.parametrize("text", ["05/10/2024", "25/10/2024", "5.10.24", "24-10-05"])
def test_a_date_of_three_numbers_needs_an_order(text):
    assert parse(text) == ["NaT"]


@pytest.mark.parametrize(
    ("text", "order", "moment"),
    [
        ("05/10/2024", "dmy", "2024-10-05"),
        ("05/10/2024", "mdy", "2024-05-10"),
        ("25/10/2024", "mdy", "NaT"),
        ("24/01/13", "ymd", "2024-01-13"),
        ("05/10/2024", "ymd", "NaT"),
        ("3/25/24 2:30 PM", "mdy", "2024-03-25T14:30:00"),
        ("3/25/1999 12:05 am", "mdy", "1999-03-25T00:05:00"),
        ("25. 3. 1985", "dmy", "1985-03-25"),
        ("25.03.2024", "dmy", "2024-03-25"),
        ("Mon 25/03/2024", "dmy", "2024-03-25"),
        ("lun. 25/03/2024 14:30", "dmy", "2024-03-25T14:30:00"),
        ("Tuesday, 3/5/2024", "mdy", "2024-03-05"),
        ("before 25/03/2024", "dmy", "NaT"),
        ("3/25/85", "mdy", "1985-03-25"),
    ],
)
def test_the_order_decides(text, order, moment):
    assert parse(text, order=order) == [moment]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("25.03.2024", "2024-03-25"),
        ("3/25/24 2:30 PM", "2024-03-25T14:30:00"),
        ("3/25/1999 12:05 am", "1999-03-25T00:05:00"),
        ("3/25/85", "1985-03-25"),
    ],
)
def test_a_day_beyond_twelve_tells_the_order(text, moment):
    assert parse_alone(text) == [moment]


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2024-13-01",
        "31.04.2024",
        "2024-03-05 25:00",
        "2024:13:05",
        "124:10:05",
        "12",
        "3.14",
        "S",
        "1/2",
        "x y 3",
    ],
)
def test_what_is_not_a_date_is_missing(text):
    assert parse(text, order="dmy") == ["NaT"]
    assert parse_alone(text) == ["NaT"]


def test_a_wrong_day_among_iso_dates_is_missing_alone():
    assert parse("2024-02-29", "2023-02-29", None) == ["2024-02-29", "NaT", "NaT"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-03-05"], (None, True)),
        (["1/2/2024", "13/2/2024"], ("dmy", True)),
        (["1/2/2024", "1/13/2024"], ("mdy", True)),
        # One number never changes: the day of monthly data, or the month of some days.
        (["1/1/2024", "1/2/2024", "1/3/2024"], ("dmy", False)),
        (["1/1/2024", "2/1/2024", "3/1/2024"], ("mdy", False)),
        (["1/3/2024", "2/3/2024", "3/3/2024"], ("dmy", False)),
        (["3/1/2024", "3/2/2024", "3/3/2024"], ("mdy", False)),
        (["1.3.2024", "2.3.2024", "3.3.2024"], ("dmy", True)),
        (["1/3/2024 8:30", "2/3/2024 9:15", "3/3/2024 8:45"], ("dmy", False)),
        ([f"{month}/1/2024" for month in range(1, 13)], ("mdy", False)),
        ([f"5/{month}/2024" for month in range(1, 13)], ("dmy", False)),
        ([f"{day}/3/2024 {hour}:00" for day in range(1, 13) for hour in range(24)], ("dmy", True)),
        (["1.3.2024", "1.7.2024", "1.11.2024", "2.3.2024"], ("dmy", False)),
        (["11/1/2023", "12/1/2023", "1/1/2024"], ("mdy", True)),
        (["1/1/2023", "4/1/2023", "7/1/2023", "10/1/2023", "1/1/2024"], ("mdy", True)),
        (["5/11/2023", "5/12/2023", "5/1/2024"], ("dmy", True)),
        (["3/1/2023", "2/2/2023", "1/3/2023"], ("dmy", True)),  # runs forward only so
        (["5/6/2024", "4/3/2023"], ("mdy", False)),
        (["5.6.2024", "4.3.2023"], ("dmy", True)),
        (["75/01/13", "76/02/14"], ("ymd", True)),
    ],
)
def test_the_texts_decide_the_order(texts, expected):
    assert find_order(np.array(texts, dtype=object)) == expected


@pytest.mark.parametrize(
    ("form", "order"), [("%y/%m/%d", "ymd"), ("%d/%m/%y", "dmy"), ("%m/%d/%y", "mdy")]
)
def test_two_digit_years_are_told_from_days(form, order):
    days = pd.date_range("2024-01-01", periods=366)
    assert find_order(days.strftime(form).to_numpy(dtype=object)) == (order, True)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-03-05"], None),
        (["1/2/2024", "13/2/2024"], True),
        (["1/2/2024", "1/13/2024"], False),
        (["1/1/2024", "1/2/2024", "1/3/2024"], True),  # by month: the 1 is the day
        (["1/1/2024", "2/1/2024", "3/1/2024"], False),
        (["11/1/2023", "12/1/2023", "1/2/2024"], False),  # runs forward only so
        (["5/6/2024", "4/3/2023"], False),
        (["5.6.2024", "4.3.2023"], True),
    ],
)
def test_the_order_as_it_was_decided_before_there_were_formats(texts, expected):
    assert day_comes_first(np.array(texts, dtype=object)) is expected


def test_shapes_tell_separators_and_years():
    texts = ["1/2/2024", "01.02.24", "1-2-2024 10:30", "2024-01-02", "5 May 2024", "soon"]
    assert ordered_shapes(texts) == ["0/0/0000", "0.0.00", "0-0-0000", "", "", ""]


@pytest.mark.parametrize("zone", ["CEST", "+02:00[Europe/Paris]", "America/New_York", "UTC"])
def test_a_zone_by_name_is_a_time_zone(zone):
    texts = pa.chunked_array([[f"2024-03-05 14:30:15 {zone}"]])
    assert find_offset(texts) == ("Z" if zone == "UTC" else zone)


@pytest.mark.parametrize(
    ("years", "first"),
    [
        (range(2000, 2031), None),
        (range(1985, 2025), None),  # 1969 to 2068 as usual
        (range(1940, 1991), 1940),  # dates of birth
        (range(1931, 2005), 1931),
        (range(1926, 2024), 1969),  # nearly a hundred years: nobody can tell
        (range(2030, 2061), 1969),  # or 1930 to 1960
    ],
)
def test_years_of_two_digits_stay_together(years, first):
    for text, order in (("05.03.{:02d}", "dmy"), ("5. Mar {:02d}", None)):
        texts = np.array([text.format(year % 100) for year in years], dtype=object)
        assert find_first_year(texts, order) == first
        found = parse_texts(pa.chunked_array([texts]), order, find_first_year(texts, order))
        if first != 1969:
            assert [int(str(moment)[:4]) for moment in found] == list(years)

"""What a model's reading of a later table says, returns and uses is the same."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pandas as pd
import pytest

from nfm import ColumnFormat, ReadingOptions, Settings, infer_schema, read_table, train_table
from nfm.errors import ReadingWarning, SchemaError
from nfm.evaluation.examined_table import examined_table
from nfm.evaluation.scored_table import score_table
from nfm.files.reading import read_table_file
from nfm.inference.bundle import Bundle
from nfm.tabular.schema import Schema

RANDOM = np.random.default_rng(3)
ROWS = 120
WOODS = RANDOM.choice(["oak", "elm"], ROWS)


def csv(**columns: object) -> pd.DataFrame:
    return read_table(pd.DataFrame(columns).to_csv(index=False).encode())


def train(frame: pd.DataFrame, schema: Schema | None = None) -> Bundle:
    settings = Settings(epochs=1, embedding_dim=2, hidden_units=())
    return train_table(frame, schema or infer_schema(frame, "y"), settings).bundle


@pytest.mark.parametrize("name", ["date", "fecha"])
def test_dates_of_digits_are_read_in_each_of_their_forms(name: str) -> None:
    days = pd.date_range("2021-01-01", periods=ROWS)
    frame = csv(**{name: days.strftime("%Y%m%d"), "wood": WOODS, "y": RANDOM.normal(size=ROWS)})
    bundle = train(frame)
    expected = bundle.encoder.transform(frame.iloc[[7]]).values
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("20210108", "2021-01-08", "8 January 2021"):
            rows = bundle.read_table(f"{name},wood\n{text},oak\n".encode())
            assert rows[name].tolist() == [days[7]]
            np.testing.assert_array_equal(bundle.encoder.transform(rows).values, expected)


def test_a_yes_no_column_that_is_treated_as_a_number_is_0_and_1() -> None:
    flags = RANDOM.choice(["True", "False"], ROWS)
    frame = csv(flag=flags, wood=WOODS, y=RANDOM.normal(size=ROWS))
    schema = infer_schema(frame, "y").with_column("flag", kind="numeric")
    bundle = train(frame, schema)
    values = bundle.encoder.transform(frame).values
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = bundle.read_table(pd.DataFrame({"flag": flags, "wood": WOODS}).to_csv().encode())
        texts = pd.DataFrame({"flag": flags, "wood": WOODS})
        for table in (rows, texts):
            np.testing.assert_array_equal(bundle.encoder.transform(table).values, values)


def test_quotes_around_some_items_are_not_part_of_them() -> None:
    colours = ["red", "blue", "green", "dark grey"]
    lists = [
        list(RANDOM.choice(colours, RANDOM.integers(1, 4), replace=False)) for _ in range(ROWS)
    ]
    quoted = [
        "{" + ",".join(f'"{item}"' if " " in item else item for item in items) + "}"
        for items in lists
    ]
    frame = csv(colour=quoted, size=RANDOM.normal(size=ROWS), y=RANDOM.normal(size=ROWS))
    bundle = train(frame)
    assert bundle.encoder.lists[0].items == ("blue", "dark grey", "green", "red")
    other = frame.assign(colour=pd.Series(lists, dtype=object))
    codes = bundle.encoder.transform(frame).codes
    np.testing.assert_array_equal(bundle.encoder.transform(other).codes, codes)


def test_a_target_that_is_written_in_another_way_is_named() -> None:
    shares = [f"{share:.1f}%" for share in RANDOM.uniform(20, 90, ROWS)]
    frame = csv(size=RANDOM.normal(size=ROWS), y=shares)
    bundle = train(frame)
    with pytest.warns(ReadingWarning, match="'y'"):
        bundle.evaluate(frame[["size"]], frame["y"].to_numpy() / 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bundle.evaluate(frame[["size"]], pd.Series(shares))
        bundle.evaluate(frame[["size"]], frame["y"])


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float64", "bool"])
def test_sparse_columns_are_what_they_hold(dtype: str) -> None:
    dense = pd.DataFrame({"n": np.arange(60) % 7, "y": np.arange(60) % 2}).astype({"n": dtype})
    sparse = dense.assign(n=pd.arrays.SparseArray(dense["n"].to_numpy()))
    assert infer_schema(sparse, "y").column("n").kind == infer_schema(dense, "y").column("n").kind
    bundle = train(dense)
    for table in (sparse, dense.astype({"n": pd.SparseDtype(dtype)})):
        expected, found = (bundle.encoder.transform(each) for each in (dense, table))
        np.testing.assert_array_equal(found.codes, expected.codes)
        np.testing.assert_array_equal(found.values, expected.values)


def test_names_of_utc_are_one_time_zone() -> None:
    times = pd.date_range("2024-01-01", periods=ROWS, freq="7h")
    frame = csv(t=times.strftime("%Y-%m-%dT%H:%M:%SZ"), wood=WOODS, y=RANDOM.normal(size=ROWS))
    bundle = train(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for zone in ("+00:00", "Z", " UTC"):
            bundle.read_table(f"t,wood\n2024-01-08T10:00:00{zone},oak\n".encode())
        bundle.predict(frame.assign(t=times.tz_localize("UTC")))


def test_amounts_of_other_currencies_are_numbers() -> None:
    amounts = RANDOM.uniform(1, 9000, ROWS)
    for mark in ("AED ", "Rp", "HK$", "₱"):
        table = csv(price=[f"{mark}{amount:,.2f}" for amount in amounts], n=range(ROWS))
        np.testing.assert_allclose(table["price"], amounts.round(2))


def test_units_that_differ_late_in_a_column_are_named() -> None:
    prices = [f"${amount:,.2f}" for amount in RANDOM.uniform(1, 9000, 220)]
    prices += [f"€{amount:,.2f}" for amount in RANDOM.uniform(1, 9000, 60)]
    with pytest.warns(ReadingWarning, match="different units, such as .* and '€"):
        csv(price=prices, n=range(280))


def test_the_pages_say_that_a_target_is_written_in_another_way() -> None:
    shares = RANDOM.uniform(20, 90, ROWS).round(1)
    frame = csv(size=RANDOM.normal(size=ROWS), y=[f"{share}%" for share in shares])
    bundle = train(frame)
    later = pd.DataFrame({"size": frame["size"].to_numpy(), "y": shares / 100})
    for notes in (score_table(bundle, later).doubts, examined_table(bundle, later).notes):
        assert any("'y'" in note and "percentages" in note for note in notes)
    same = later.assign(y=[f"{share}%" for share in shares])
    for notes in (score_table(bundle, same).doubts, examined_table(bundle, same).notes):
        assert not any("percentages" in note for note in notes)


@pytest.mark.parametrize("mark", ["/", "-"])
def test_a_year_and_the_next_are_a_season_and_no_month(mark: str) -> None:
    seasons = [f"{year}{mark}{(year + 1) % 100:02}" for year in range(1995, 2011)] * 8
    frame = csv(season=seasons, y=RANDOM.normal(size=len(seasons)))
    assert infer_schema(frame, "y").column("season").kind == "categorical"
    assert frame["season"].tolist() == seasons
    months = [f"{2000 + n // 12}{mark}{n % 12 + 1:02}" for n in range(128)]
    assert csv(month=months, y=range(128))["month"].dtype.kind == "M"


def test_classes_that_cannot_be_read_are_named_before_the_error() -> None:
    frame = csv(wood=WOODS, y=RANDOM.integers(0, 2, ROWS))
    bundle = train(frame)
    words = np.where(frame["y"] == 1, "Win", "Loss")
    with (
        pytest.warns(ReadingWarning, match=r"120 of 120 cells cannot be read .* in row 1"),
        pytest.raises(SchemaError, match="missing"),
    ):
        bundle.evaluate(frame, words)


@pytest.mark.parametrize("form", ["%Y-%d-%m", "%Y/%d/%m"])
def test_dates_with_the_day_before_the_month_are_named_as_swapped(form: str) -> None:
    days = pd.date_range("2021-01-01", periods=ROWS, freq="3D")
    frame = csv(date=days.strftime("%Y-%m-%d"), wood=WOODS, y=RANDOM.normal(size=ROWS))
    bundle = train(frame)
    rows = pd.DataFrame({"date": days.strftime(form), "wood": WOODS})
    with pytest.warns(ReadingWarning, match="those that could be read have day and month swapped"):
        bundle.read_table(rows.to_csv(index=False).encode())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bundle.read_table(b"date,wood\n2021-02-13,oak\n")
    with pytest.warns(ReadingWarning, match="'2021-13-13'") as found:
        bundle.read_table(b"date,wood\n2021-13-13,oak\n")
    assert not any("swapped" in str(one.message) for one in found)


def test_the_sheet_that_has_the_columns_of_the_model_is_read() -> None:
    frame = csv(size=RANDOM.normal(size=ROWS), wood=WOODS, y=RANDOM.normal(size=ROWS))
    bundle = train(frame)
    rows = pd.DataFrame({"size": [0.5, 1.5], "wood": ["oak", "elm"]})
    stream = io.BytesIO()
    with pd.ExcelWriter(stream) as book:
        pd.DataFrame({"note": ["made in May"]}).to_excel(book, sheet_name="Info", index=False)
        rows.to_excel(book, sheet_name="Data", index=False)
    with pytest.warns(ReadingWarning, match="'Info' has none .* so the sheet 'Data' was read"):
        read = bundle.read_table(stream.getvalue())
    pd.testing.assert_frame_equal(read, rows, check_dtype=False)


def test_a_column_that_a_file_has_twice_is_named() -> None:
    bundle = train(csv(size=RANDOM.normal(size=ROWS), wood=WOODS, y=RANDOM.normal(size=ROWS)))
    content = b"size,size,wood\n1,2,oak\n3,4,elm\n"
    with pytest.warns(ReadingWarning, match="the columns 'size' and 'size \\(2\\)'"):
        bundle.read_table(content)
    with pytest.warns(ReadingWarning, match="the columns 'size' and 'size \\(2\\)'"):
        bundle.predict(read_table(content))


def test_months_are_named_where_training_had_days_also_as_periods() -> None:
    days = pd.Series(pd.date_range("2021-01-01", periods=ROWS))
    bundle = train(pd.DataFrame({"day": days, "wood": WOODS, "y": RANDOM.normal(size=ROWS)}))
    rows = pd.DataFrame({"day": days.dt.to_period("M"), "wood": WOODS})
    with pytest.warns(ReadingWarning, match="'2021-01' has no day of the month"):
        bundle.predict(rows)


def test_local_times_of_a_zone_in_summer_and_winter_are_as_in_training() -> None:
    times = pd.Series(
        pd.date_range("2021-01-01 07:00", periods=ROWS, freq="151h", tz="America/New_York")
    )
    bundle = train(pd.DataFrame({"t": times, "wood": WOODS, "y": RANDOM.normal(size=ROWS)}))
    rows = pd.DataFrame({"t": times, "wood": WOODS})
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        expected = bundle.predict(rows)
        for same in (times.astype("category"), times.astype(str)):
            np.testing.assert_array_equal(bundle.predict(rows.assign(t=same)), expected)
    for other in (times.dt.tz_convert("UTC"), times.dt.tz_convert("Europe/Paris").astype(str)):
        with pytest.warns(ReadingWarning, match="'t': the times have"):
            bundle.predict(rows.assign(t=other))


def test_a_number_that_was_read_as_a_level_is_not_called_unknown() -> None:
    codes = [f"{number * 37:05d}" for number in RANDOM.integers(1, 9, ROWS)]
    bundle = train(csv(code=codes, wood=WOODS, y=RANDOM.normal(size=ROWS)))
    rows = pd.DataFrame({"code": [int(code) for code in codes[:9]] + [999], "wood": "oak"})
    with pytest.warns(ReadingWarning) as found:
        bundle.predict(rows)
    said = [str(one.message) for one in found]
    assert any("have a number where the training table has text" in one for one in said)
    assert not any(f"'{int(codes[0])}' is scored as (other)" in one for one in said)


def test_text_that_a_person_has_chosen_is_not_explained() -> None:
    days = [f"{row % 12 + 1:02d}/{row % 28 + 1:02d}/2024" for row in range(ROWS)]
    content = pd.DataFrame({"d": days, "n": range(ROWS)}).to_csv(index=False).encode()
    text = ReadingOptions(formats=(("d", ColumnFormat(type="text")),))
    assert not read_table_file(content, options=text).column_notes
    found = read_table_file(content.replace(b"/2024", b" a.u.c."))
    again = read_table_file(content.replace(b"/2024", b" a.u.c."), options=found.options)
    assert found.column_notes == again.column_notes != ()

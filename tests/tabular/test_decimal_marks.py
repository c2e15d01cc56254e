"""Where a file leaves open what its points and commas mean, that is asked and never guessed."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from nfm.files.options import ReadingOptions
from nfm.files.reading import read_raw_table, read_table, read_table_file
from nfm.settings import Settings
from nfm.tabular.decimal_marks import open_decimal_marks
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.reading_notes import reading_warnings
from nfm.tabular.schema import Schema

TYPED = pd.DataFrame({"Weight": np.arange(60) * 1.257, "price": np.arange(60) * 1.5})


def typed() -> list[Schema]:
    """Schemas of tables that have no text: a frame, a sheet, a Parquet file."""
    sheet, parquet = io.BytesIO(), io.BytesIO()
    TYPED.to_excel(sheet, index=False)
    TYPED.to_parquet(parquet, index=False)
    return [
        infer_schema(TYPED),
        infer_schema(read_table(sheet.getvalue())),
        infer_schema(read_table(parquet.getvalue())),
    ]


def table(cells: list[str], delimiter: str) -> bytes:
    rows = [f"{cell}{delimiter}{row}" for row, cell in enumerate(cells)]
    return "\n".join([f"weight{delimiter}other", *rows]).encode()


def asked(schema: Schema, content: bytes) -> tuple[str, ...]:
    file = read_raw_table(content, "", schema.file_options, ("Weight",))
    return open_decimal_marks(file.frame, schema, file.options)


@pytest.mark.parametrize("schema", typed(), ids=["frame", "Excel", "Parquet"])
@pytest.mark.parametrize(
    ("cells", "delimiter", "sentence"),
    [
        (["1,234", "2,345"], ";", "'1,234' is read as 1234 with a decimal point but would be"),
        (['"1,234"', '"2,345"'], ",", "would be 1.234 with a decimal comma"),
        (["1.234", "2.345"], ";", "'1.234' is read as 1.234 with a decimal point but would be"),
        (["1.234"], ";", "would be 1234 with a decimal comma"),
        (["10,5", "3"], ";", "'10,5' cannot be read with a decimal point but would be 10.5"),
        (["1.234,5"], ";", "'1.234,5' cannot be read"),
    ],
)
def test_a_typed_model_asks_for_the_mark_of_text(schema, cells, delimiter, sentence):
    (question,) = asked(schema, table(cells, delimiter))
    assert question.startswith("'Weight': ")
    assert sentence in question


@pytest.mark.parametrize(
    ("cells", "delimiter"),
    [
        (["1.5", "2.345"], ";"),
        (["1.234"], ","),
        (["12", "7"], ";"),
        (["1,234.5", "2,345"], ";"),
        (["", "n.d."], ";"),
    ],
)
def test_what_can_be_read_in_one_way_only_is_not_asked(cells, delimiter):
    assert asked(typed()[0], table(cells, delimiter)) == ()


def test_a_mark_far_below_is_found():
    cells = [str(row) for row in range(300)]
    assert "'1.234'" in asked(typed()[0], table([*cells, "1.234"], ";"))[0]
    assert "'1,234'" in asked(typed()[0], table([*cells, "1,234"], ";"))[0]


def test_marks_of_a_training_table_of_text_hold_and_others_are_asked():
    german = [f"{row * 1.257:.3f}".replace(".", ",") for row in range(60)]
    content = table(german, ";").replace(b"weight", b"Weight")
    schema = infer_schema(read_table(content))
    assert asked(schema, table(["8,758"], ";")) == ()
    assert "'8.758' is read as 8758" in asked(schema, table(["8.758"], ";"))[0]
    assert "'8.5' cannot be read" in asked(schema, table(["8.5"], ","))[0]
    grouped = [f"{row + 1},234.5" for row in range(60)]
    content = table([f'"{cell}"' for cell in grouped], ",").replace(b"weight", b"Weight")
    assert asked(infer_schema(read_table(content)), table(["1,234"], ";")) == ()


def test_whole_numbers_show_no_mark():
    """In a table of whole numbers beside semicolons, 1.234 may be either."""
    whole = infer_schema(read_table(table([str(31 * row) for row in range(60)], ";")))
    asked_for = read_raw_table(b"weight;other\n1.234;1\n", "", whole.file_options)
    assert open_decimal_marks(asked_for.frame, whole, asked_for.options)


@pytest.mark.parametrize("mark", [" ", "'", "\u00a0"])
def test_a_comma_beside_another_separator_of_thousands_is_asked_and_named(mark):
    cells = [f"{1000 + 37 * row:,}".replace(",", mark) for row in range(60)]
    frame = read_table(table(cells, ";"))
    schema = infer_schema(frame)
    file = read_raw_table(table(["1,234"], ";"), "", schema.file_options)
    assert open_decimal_marks(file.frame, schema, file.options)
    columns = [column.model_copy(update={"role": "feature"}) for column in schema.columns]
    encoder = Encoder.fit(frame, columns, Settings())
    assert "thousands separator" in " ".join(reading_warnings(file.frame, encoder))


def test_the_target_is_asked_for_too():
    schema = infer_schema(TYPED, "price")
    file = read_raw_table(b"price;x\n1,234;1\n", "", None, ())
    assert "'price'" in open_decimal_marks(file.frame, schema, file.options)[0]


def test_an_encoder_reads_with_the_mark_that_was_chosen():
    schema = infer_schema(TYPED)
    columns = [column.model_copy(update={"role": "feature"}) for column in schema.columns]
    encoder = Encoder.fit(TYPED, columns, Settings())
    frame = pd.DataFrame({"Weight": ["1,234", "10,5", "1.234,5"], "price": ["1", "2", "3"]})
    np.testing.assert_array_equal(encoder.read(frame)["Weight"], [1234, np.nan, np.nan])
    comma = encoder.with_decimal(",")
    np.testing.assert_array_equal(comma.read(frame)["Weight"], [1.234, 10.5, 1234.5])
    assert comma.transform(TYPED).values.tolist() == encoder.transform(TYPED).values.tolist()


def test_a_file_without_text_has_no_marks():
    assert open_decimal_marks(TYPED, infer_schema(TYPED), ReadingOptions()) == ()
    legacy = read_table_file(b"Weight;y\n1,5;2\n", options=ReadingOptions(rules="legacy")).frame
    assert open_decimal_marks(TYPED.astype("str"), infer_schema(legacy), ReadingOptions()) == ()

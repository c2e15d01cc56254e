"""A row means the same in the table, in the form, and in a file that is uploaded to be scored."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from nfm.evaluation.scored_table import score_table
from nfm.inference.bundle import load_bundle
from nfm.store.records import Run
from nfm.ui.state.form_fields import columns_that_differ, form_fields, row_values, to_frame
from tests.column_formats.test_one_reading import FEW, tables, trained

WORKSPACE = "w" * 43


def german() -> bytes:
    """Decimal commas; "8,758" alone would be a thousand and more."""
    generator = np.random.default_rng(0)
    weights = generator.uniform(2, 12, 200)
    rows = [f"{weight:.3f}".rstrip("0").replace(".", ",") for weight in weights]
    rows[0], rows[5], rows[9], rows[11] = "8,758", "k.A.", "k.A.", "10,5"
    prices = [f"{10 * weight:.2f}".replace(".", ",") for weight in weights]
    return "\n".join(["gewicht;preis", *map(";".join, zip(rows, prices, strict=True))]).encode()


def huge() -> bytes:
    generator = np.random.default_rng(1)
    sizes = ["100000000000000000", *map(str, generator.integers(1, 999, 199))]
    return "\n".join(
        ["bytes,area,y", *(f"{size},{i % 90 + 0.25},{'ab'[i % 2]}" for i, size in enumerate(sizes))]
    ).encode()


def half_room() -> bytes:
    generator = np.random.default_rng(2)
    rooms = ["3.5", *(f"{room}.0" for room in generator.integers(2, 9, 199))]
    return "\n".join(
        [
            "rooms,area,price",
            *(f"{r},{50 + i % 60},{100 * float(r):.1f}" for i, r in enumerate(rooms)),
        ]
    ).encode()


def ids() -> bytes:
    first = 720575940631797000
    rows = [f"{first + i % 8 if i % 9 else ''},{(i % 8) * 1.23456789012}" for i in range(200)]
    return "\n".join(["user_id,score", *rows]).encode()


@pytest.mark.parametrize(
    ("content", "target", "field", "value"),
    [
        (german(), "preis", "gewicht", 8.758),
        (huge(), "y", "bytes", 1e17),
        (half_room(), "price", "rooms", 3.5),
    ],
)
def test_form_shows_a_row_as_it_stands_in_the_table(lab, texts, content, target, field, value):
    lab.trained(lab.add(content, target=target))
    app = lab.open("predict")
    assert lab.find(app, field).value == value
    assert "This is the row as it stands in the table" in texts(app)
    assert app.metric[0].delta in ("as in the table", "")


def test_form_that_cannot_show_a_value_says_so(lab, texts, monkeypatch):
    lab.trained(lab.add(german(), target="preis"))
    monkeypatch.setattr("nfm.ui.predict.row_form.columns_that_differ", lambda *_: ("gewicht",))
    said = texts(lab.open("predict"))
    assert "a different value from the table in **gewicht**" in said
    assert "as it stands" not in said


@pytest.mark.parametrize(
    ("content", "target"),
    [(german(), "preis"), (huge(), "y"), (half_room(), "price"), (ids(), "score")],
)
def test_every_row_is_the_same_in_the_form_and_alone_in_a_file(lab, content, target):
    run = lab.trained(lab.add(content, target=target))
    bundle, frame = load_bundle(lab.store.bundle(WORKSPACE, run.id)), lab.store_frame(run)
    fields = form_fields(bundle.encoder)
    whole = bundle.outputs(bundle.encoder.transform(frame))
    header, *lines = content.split(b"\n")
    for row in range(0, len(frame), 7):
        filled = row_values(bundle.encoder, fields, frame, row)
        assert columns_that_differ(bundle.encoder, fields, frame, row, filled) == ()
        file = bundle.read_raw(b"\n".join([header, lines[row]]))
        alone = score_table(bundle, file.frame, notes=file.notes)
        np.testing.assert_allclose(alone.outputs[0], whole[row], rtol=1e-9)


@settings(
    max_examples=FEW,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(tables())
def test_the_form_encodes_any_row_of_any_table_as_the_table(table):
    frame, _, encoder = trained(table)
    fields = form_fields(encoder)
    for row in range(min(len(frame), 5)):
        filled = row_values(encoder, fields, frame, row)
        assert columns_that_differ(encoder, fields, frame, row, filled) == ()
        assert len(to_frame(fields, [filled])) == 1


def test_words_chosen_as_values_at_training_stay_values_under_many_rows(lab, texts):
    """Reading's choice of missing cells goes with the model."""
    rows = [f"{['None', 'Oak', 'Elm'][i % 3]},{i % 3 * 10}" for i in range(60)]
    dataset = lab.add("\n".join(["tree,height", *rows]).encode(), target="height")
    run: Run = lab.trained(dataset)
    bundle = load_bundle(lab.store.bundle(WORKSPACE, run.id))
    alone = score_table(bundle, bundle.read_raw(b"tree\nNone\n").frame)
    whole = bundle.outputs(bundle.encoder.transform(pd.DataFrame({"tree": ["None"]})))
    np.testing.assert_allclose(alone.outputs, whole)
    assert bundle.encoder.categorical[0].levels == ("Elm", "None", "Oak")


def test_many_rows_downloads_the_file_as_it_was(lab):
    run = lab.trained(lab.add(german(), target="preis"))
    bundle = load_bundle(lab.store.bundle(WORKSPACE, run.id))
    file = bundle.read_raw(io.BytesIO(b"gewicht\n8,758\nk.A.\n"))
    scored = score_table(bundle, file.frame)
    assert scored.table()["gewicht"].tolist() == ["8,758", "k.A."]
    assert any("k.A." in note and "row 2" in note for note in scored.notes)

"""Which tables can stand in for the one that a model learned from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.errors import NFMError, SchemaError
from nfm.evaluation.examined_table import examined_table
from nfm.evaluation.held_out import predict_rows
from nfm.inference.bundle import Bundle
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.target import Target


def table(rows: int = 60) -> pd.DataFrame:
    generator = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "colour": generator.choice(["red", "green", "blue"], rows),
            "size": generator.normal(10, 2, rows).round(2),
            "since": pd.date_range("2024-01-05", periods=rows).strftime("%Y-%m-%d"),
            "kind": np.where(generator.random(rows) > 0.5, "yes", "no"),
        }
    )


def bundle_of(frame: pd.DataFrame, target: str) -> Bundle:
    schema, settings = infer_schema(frame, target), Settings()
    encoder = Encoder.fit(frame, schema.features, settings)
    aim = Target.fit(frame[target], schema.task, target)
    generator = np.random.default_rng(0)
    weights = {
        name: np.abs(generator.normal(0, 0.1, shape)).astype(np.float32)
        for name, shape in NetworkArchitecture(
            encoder.layout, settings, aim.output_count
        ).weight_shapes.items()
    }
    return Bundle(schema, encoder, aim, settings, weights)


@pytest.fixture
def bundle() -> Bundle:
    return bundle_of(table(), "kind")


def test_own_table_fits_and_all_its_rows_are_measured(bundle):
    frame = table()
    fitted = examined_table(bundle, frame)
    evaluation = predict_rows(bundle, fitted.frame, fitted.frame[bundle.target.name])
    assert evaluation.part == "uploaded"
    assert evaluation.rows.tolist() == list(range(60))
    np.testing.assert_allclose(evaluation.predictions, bundle.predict_proba(frame))
    assert evaluation.labels.tolist() == (frame["kind"] == "yes").astype(int).tolist()


def test_columns_are_found_by_name_in_any_order_and_spelling(bundle):
    frame = table()[["kind", "since", "size", "colour"]].rename(columns={"size": " Size"})
    fitted = examined_table(bundle, frame)
    assert list(fitted.frame.columns[:3]) == list(bundle.encoder.columns)
    assert any("matched to 'size'" in note for note in fitted.notes)


def no(column):
    return table().drop(columns=column)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (no("size"), r"lacks column 'size', which the model needs"),
        (no(["size", "since"]), r"lacks columns 'size', 'since'|lacks columns 'since', 'size'"),
        (no("kind"), r"lacks the target 'kind'"),
        (table().assign(size="big"), r"'size' holds numbers.*60 of 60 cells.*'big'"),
        (table().assign(since="once"), r"'since' holds dates.*'once'"),
        (table().assign(colour="mauve"), r"knows none of the values in 'colour'.*'mauve'.*'blue'"),
        (table().assign(kind="perhaps"), r"target 'kind' that the model knows.*'perhaps'.*'no'"),
        (table().assign(kind=None), r"target 'kind' that the model knows"),
        (table().head(0), r"no rows"),
    ],
)
def test_table_that_does_not_fit_is_refused_by_name(bundle, frame, sentence):
    with pytest.raises(SchemaError, match=sentence):
        examined_table(bundle, frame)


def test_rows_of_an_unknown_class_are_named_and_left_out(bundle):
    frame = table()
    frame.loc[:9, "kind"] = "perhaps"
    fitted = examined_table(bundle, frame)
    assert any("10 of 60 rows" in note and "'perhaps'" in note for note in fitted.notes)
    evaluation = predict_rows(bundle, fitted.frame, fitted.frame[bundle.target.name])
    assert (len(evaluation), evaluation.left_out) == (50, 10)


def test_few_cells_of_another_type_count_as_missing(bundle):
    frame = table().astype({"size": object})
    frame.loc[:3, "size"] = "n.d."
    assert any("'n.d.'" in note for note in examined_table(bundle, frame).notes)


def test_number_to_predict_must_be_one():
    bundle = bundle_of(table().drop(columns="kind"), "size")
    assert len(predict_rows(bundle, table(), table()["size"])) == 60
    with pytest.raises(SchemaError, match=r"'size' holds numbers.*'big'"):
        examined_table(bundle, table().assign(size="big"))
    with pytest.raises(NFMError, match="Choose a table with numbers"):
        predict_rows(bundle, table(), pd.Series(np.nan, range(60)))

"""Names of columns, levels and classes: given on Data, shown wherever a model of the table is."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.tabular.data_dictionary import DataDictionary
from nfm.tabular.schema import Schema
from nfm.ui.data import names_form

WORKSPACE = "w" * 43
RANDOM = np.random.default_rng(0)
ROWS = zip(RANDOM.integers(1, 4, 240), RANDOM.normal(80, 20, 240).round(1), strict=True)
HOUSES = "rooms,zone,sqm,sold\n" + "".join(
    f"{rooms},{'AB'[rooms % 2]},{area},{int(40 * rooms + area > 160)}\n" for rooms, area in ROWS
)
NAMES = b"""column,level,name,unit,probability
,,house,,
sqm,,Living area,m2,
zone,,Part of the town,,
zone,A,Old *town*,,
sold,0,unsold,,
sold,1,sold,,Probability of a sale
"""


def houses(lab):
    return lab.add(HOUSES.encode(), "houses.csv", "sold")


def schema_of(lab) -> Schema:
    return lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")).schema


def open_names(lab):
    app = lab.open("data")
    app.session_state["table_view"] = "Names"
    app.run()
    assert not app.exception
    return app


def table(app):
    return next(one.value for one in app.dataframe if "probability" in one.value.columns)


def upload(app, content, name="names.csv"):
    app.file_uploader[-1].upload(name, content)
    app.run()
    assert not app.exception
    return app


def test_everything_that_can_have_a_name_is_listed(lab):
    houses(lab)
    names = table(open_names(lab))
    assert list(zip(names["column"], names["level"], strict=True)) == [
        *(("rooms", ""), ("rooms", "1"), ("rooms", "2"), ("rooms", "3")),
        *(("zone", ""), ("zone", "A"), ("zone", "B")),
        *(("sqm", ""), ("sold", ""), ("sold", "0"), ("sold", "1")),
    ]
    assert set(names["name"]) == {""}


def test_the_samples_names_are_shown_and_can_be_replaced_and_restored(lab):
    app = open_names(lab)
    names = table(app).set_index(["column", "level"])["name"]
    assert names["Embarked", "S"] == "Southampton"
    assert app.button(key="names_restore").disabled
    lab.find(app, "A row is called").set_value("person").run()
    assert not app.exception
    kept = schema_of(lab).dictionary
    assert kept is not None
    assert kept.row == "person"
    assert kept.columns["Embarked"].levels["S"] == "Southampton"
    app.button(key="names_restore").click().run()
    assert schema_of(lab).dictionary is None
    assert lab.find(app, "A row is called").value == "passenger"


def test_uploaded_names_are_kept_and_shown_by_every_page(lab, texts):
    dataset = houses(lab)
    app = upload(open_names(lab), NAMES)
    assert schema_of(lab).dictionary == DataDictionary.read(NAMES)
    assert table(app).set_index(["column", "level"])["name"]["zone", "A"] == "Old *town*"
    lab.trained(lab.store.dataset(WORKSPACE, dataset.id))
    predict = lab.open("predict")
    assert predict.metric[0].label == "Probability of a sale"
    labels = [widget.label for widget in (*predict.selectbox, *predict.number_input)]
    assert "Part of the town" in labels
    assert "Living area (m2)" in labels
    assert "Old *town*" in lab.find(predict, "Part of the town").options
    assert "house" in texts(predict) + " ".join(one.help or "" for one in predict.button)
    for page in ("evaluate", "interactions"):
        assert not lab.open(page).exception


SHAPES = b"size,sides,shape\n" + b"".join(
    b"%d.5,%d,%s\n" % (k % 7, 3 + k % 3, (b"t", b"s", b"p")[k % 3]) for k in range(90)
)
SHAPE_NAMES = b"column,level,name\nshape,t,triangle\nshape,s,square\nshape,p,pentagon\n"


def test_classes_have_their_names_on_every_page(lab, texts):
    dataset = lab.add(SHAPES, "shapes.csv", "shape")
    upload(open_names(lab), SHAPE_NAMES)
    lab.trained(lab.store.dataset(dataset.workspace, dataset.id))
    predict = lab.open("predict")
    predict.session_state["predict_parts"] = "What would change it?"
    predict.run()
    evaluate, interactions = lab.open("evaluate"), lab.open("interactions")
    for app, label in (
        (predict, "Target class"),
        (evaluate, "Class (one versus rest)"),
        (interactions, "Class"),
    ):
        assert not app.exception
        assert set(lab.find(app, label).options) <= {"triangle", "square", "pentagon"}
    classes = next(frame.value for frame in evaluate.dataframe if "recall" in frame.value)
    assert set(classes["class"][:3]) == {"triangle", "square", "pentagon"}
    assert "score of pentagon" in texts(interactions)


def test_a_trained_model_keeps_the_names_of_its_training(lab):
    dataset = houses(lab)
    lab.trained(dataset)
    upload(open_names(lab), NAMES)
    labels = [widget.label for widget in lab.open("predict").number_input]
    assert "sqm" in labels


def test_names_outlive_other_changes_of_the_table(lab):
    houses(lab)
    app = upload(open_names(lab), NAMES)
    lab.find(app, "Target").select("zone").run()
    app.session_state["table_view"] = "Columns"
    app.run()
    app.button(key="suggest_again").click().run()
    assert schema_of(lab).dictionary == DataDictionary.read(NAMES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,unit\nsqm,m2\n", "no column 'column'"),
        (b"column,level,name,unit\nsold,0,open,m2\n", "a unit belongs to a column"),
        (b"", "empty"),
        (b"column,level,name\nzone,A,B\n", "would both be called 'B'"),
        (b"column,name\nsqm,zone\n", "would both be called 'zone'"),
    ],
)
def test_names_that_cannot_be_used_are_refused_by_a_sentence(lab, content, message):
    houses(lab)
    app = upload(open_names(lab), content)
    assert message in app.error[0].value
    assert schema_of(lab).dictionary is None


def test_names_for_columns_that_the_table_lacks_are_named(lab, texts):
    houses(lab)
    app = upload(open_names(lab), NAMES.replace(b"sqm", b"SQM"))
    assert "'SQM'" in app.warning[0].value
    lab.find(app, "A row is called").set_value("flat").run()
    kept = schema_of(lab).dictionary
    assert "SQM" in kept.columns  # an edit does not drop them


def test_edits_of_the_table_of_names(titanic):
    from nfm.errors import ReadingError
    from nfm.tabular.infer_schema import infer_schema

    schema = infer_schema(titanic)
    levels = {"Sex": ["female", "male"], "Pclass": ["1", "2", "3"]}
    names = names_form.names_frame(schema, levels)
    place = {pair: k for k, pair in enumerate(zip(names["column"], names["level"], strict=True))}
    edits = {
        place["Sex", "male"]: {"name": "man"},
        place["Fare", ""]: {"name": "Fare", "unit": "£"},
        place["Pclass", "1"]: {"name": None},
        place["Survived", "1"]: {"probability": "Chance"},
    }
    edited = names_form.edited_dictionary(names, edits, "")
    assert edited.columns["Sex"].levels == {"male": "man"}
    assert (edited.columns["Fare"].name, edited.columns["Fare"].unit) == ("Fare", "£")
    assert set(edited.columns["Pclass"].levels) == {"2", "3"}
    assert edited.columns["Survived"].probabilities["1"] == "Chance"
    assert edited.row == ""
    with pytest.raises(ReadingError, match="a unit belongs to a column"):
        names_form.edited_dictionary(names, {place["Sex", "male"]: {"unit": "m"}}, "")


def test_unit_of_the_target_is_one_with_that_on_the_form(lab):
    prices = "rooms,price\n" + "".join(f"{n % 5},{1000 * (n % 5) + n}\n" for n in range(60))
    lab.add(prices.encode(), "prices.csv", "price")
    app = lab.open("data")
    lab.find(app, "Unit of the target").set_value("€").run()
    names = table(open_names(lab)).set_index(["column", "level"])
    assert names["unit"]["price", ""] == "€"
    app = upload(open_names(lab), b"column,name,unit\nprice,Price,$\n")
    assert schema_of(lab).unit == "$"


def test_units_of_the_cells_are_shown_but_not_kept(lab):
    rows = "".join(f"{number / 7:.2f} km,{number % 2}\n" for number in range(60))
    lab.add(("way,late\n" + rows).encode(), "ways.csv", "late")
    app = open_names(lab)
    assert table(app).set_index(["column", "level"])["unit"]["way", ""] == "km"
    lab.find(app, "A row is called").set_value("trip").run()
    assert not app.exception
    assert schema_of(lab).dictionary == DataDictionary(row="trip")

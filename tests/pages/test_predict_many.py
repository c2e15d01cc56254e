"""Many rows on the Predict page."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from nfm.inference.bundle import load_bundle
from nfm.settings import Settings
from nfm.store.records import DecisionRule

WORKSPACE = "w" * 43
NUMBERS = b"kind,weight,price\n" + b"a,1.5,10.25\nb,2.5,20.5\na,3.5,31.75\nb,,44.0\n" * 8


@pytest.fixture
def many(lab):
    """Open the tab for a model of a table, the Titanic by default."""

    def open_tab(dataset=None, run=None):
        app = lab.open("data")
        if run is None:
            dataset = dataset or lab.store.dataset(
                WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")
            )
            run = lab.trained(dataset)
        app.session_state["predict_tabs"] = "Many rows"
        return lab.go(app, "predict"), run

    return open_tab


def upload(app, name, content):
    app.file_uploader[0].upload(name, content)
    app.run()
    assert not app.exception
    return app


def downloaded(app, key):
    content = app.get("download_button")
    return next(button for button in content if button.key == key)


def passengers(titanic):
    """Kaggle's test file: no target."""
    rows = titanic.drop(columns="Survived").assign(PassengerId=range(892, 892 + len(titanic)))
    return rows.to_csv(index=False).encode()


def test_file_is_predicted_row_by_row_and_the_form_is_not_drawn(many, titanic, texts):
    app, _run = many()
    assert not app.metric
    upload(app, "test.csv", passengers(titanic))
    assert "**test.csv**: 891 rows predicted" in texts(app)
    preview = app.dataframe[0].value
    assert len(preview) == 200
    assert list(preview.columns[:5]) == [
        "PassengerId",
        "Name",
        "predicted_Survived",
        "probability_0",
        "probability_1",
    ]
    assert "the download has all 891" in texts(app)
    assert "The Evaluate page uses the same threshold" in texts(app)
    assert [button.label for button in app.get("download_button")] == [
        "Download predictions",
        "Two-column file",
    ]
    assert not app.metric


def test_ensemble_gives_the_range_of_its_members_for_the_form_and_for_each_row(
    lab, many, titanic, texts
):
    lab.open("data")
    dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    run = lab.trained(dataset, Settings(epochs=3, members=3))
    form = lab.open("predict")
    assert "Taken alone, the 3 members of the ensemble predict between" in texts(form)
    app, _run = many(run=run)
    upload(app, "test.csv", passengers(titanic))
    preview = app.dataframe[0].value
    assert (preview["members_from"] <= preview["members_to"]).all()
    assert "the lowest and the highest probability of 1" in texts(app)


def test_file_with_target_is_checked_and_ones_own_table_flatters(lab, many, titanic, texts):
    app, run = many()
    upload(app, "own.csv", titanic.to_csv(index=False).encode())
    assert "891 rows are checked" in texts(app)
    assert "too optimistic" in texts(app)
    assert app.metric[0].label == "Accuracy"
    shown = app.metric[0].value
    next(field for field in app.number_input if field.label == "Threshold").set_value(0.0).run()
    assert lab.store.run(run.workspace, run.id).decision_rule().threshold == 0.0
    assert app.metric[0].value == f"{100 * titanic['Survived'].mean():.1f}%" != shown


def test_threshold_and_costs_are_those_of_the_evaluate_page(lab, many, titanic):
    app, run = many()
    lab.store.set_decision_rule(WORKSPACE, run.id, DecisionRule(threshold=0.0625, miss_cost=3.0))
    upload(app, "test.csv", passengers(titanic))
    assert lab.find(app, "Threshold").value == 0.0625
    assert lab.find(app, "Cost of a false negative").value == 3.0
    lab.find(app, "Cost of a false negative").set_value(4.0).run()
    app.button(key="predict_many_implied").click().run()
    assert lab.find(app, "Threshold").value == 0.2
    assert lab.store.run(WORKSPACE, run.id).decision_rule() == DecisionRule(1, 0.2, 1.0, 4.0)
    shown = app.dataframe[0].value
    assert ((shown["probability_1"] >= 0.2) == (shown["predicted_Survived"] == 1)).all()


def test_held_out_rows_are_taken_with_one_click(many, texts):
    app, _run = many()
    button = app.button(key="predict_held_out")
    assert button.label == "Use the 178 test rows"
    button.click().run()
    assert not app.exception
    assert "**The test rows**: 178 rows predicted" in texts(app)
    assert "178 rows are checked" in texts(app)
    assert "too optimistic" not in texts(app)


def test_what_was_done_with_the_file_is_told(many, titanic, texts):
    app, _run = many()
    rows = titanic.drop(columns=["Survived", "Cabin"]).rename(columns={"Sex": "sex"})
    rows["Embarked"] = "Atlantis"
    upload(app, "test.xlsx", excel(rows.head(30)))
    said = texts(app)
    assert "was matched to 'Sex'" in said
    assert "'Cabin' is not in the file" in said
    assert "Atlantis" in said


def excel(rows: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    rows.to_excel(stream, index=False)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty"), (b"a,b\n1,2\n", "none of the columns"), (b"%PDF-1.7", "PDF")],
)
def test_file_that_cannot_be_predicted_is_refused_in_a_sentence(many, texts, content, sentence):
    app, _run = many()
    upload(app, "**bad**.csv", content)
    assert sentence in app.error[0].value
    assert r"\*\*bad\*\*.csv" in app.error[0].value
    assert not app.get("download_button")


def test_number_has_an_interval(lab, many, texts):
    app, _run = many(lab.add(NUMBERS, target="price"))
    upload(app, "new.csv", b"weight,kind\n2.0,a\n9,c\n")
    preview = app.dataframe[0].value
    assert list(preview.columns) == [
        "predicted_price",
        "price_from",
        "price_to",
        "weight",
        "kind",
    ]
    assert "of such rows, the actual number is within" in texts(app)


def test_model_without_its_table_still_predicts_files(lab, many, texts):
    dataset = lab.add(NUMBERS, target="price")
    run = lab.trained(dataset)
    lab.store.delete_dataset(WORKSPACE, dataset.id)
    app, _run = many(run=run)
    upload(app, "new.csv", b"weight,kind\n2.0,a\n")
    assert "1 row predicted" in texts(app)


def test_result_is_not_shown_for_another_model(lab, many, titanic, texts):
    app, run = many()
    upload(app, "test.csv", passengers(titanic))
    lab.trained(lab.store.dataset(WORKSPACE, run.dataset_id))
    app.run()
    assert not app.exception
    assert "test.csv" not in texts(app)


def typed_sheet() -> bytes:
    """A table without text, which shows no decimal mark."""
    weights = [round(0.5 + 1.257 * row, 3) for row in range(40)]
    return excel(pd.DataFrame({"weight": weights, "price": [10.5 * each for each in weights]}))


@pytest.mark.parametrize("rows", [1, 12])
def test_decimal_mark_of_a_file_is_asked_for_and_can_be_chosen(lab, many, texts, rows):
    """Twelve rows of which none can be read are refused until the mark is chosen."""
    app, run = many(lab.add(typed_sheet(), target="price"))
    cell = "1,234" if rows == 1 else "12,5"
    upload(app, "neu.csv", "\n".join(["weight;who", *[f"{cell};a"] * rows]).encode())
    assert "Which decimal mark does the file use?" in texts(app)
    assert bool(app.error) == (rows == 12)
    lab.find(app, "Decimal mark of the file").set_value(",").run()
    assert not app.exception
    assert not app.error
    assert "Which decimal mark" not in texts(app)
    bundle = load_bundle(lab.store.bundle(WORKSPACE, run.id))
    expected = bundle.predict(pd.DataFrame({"weight": [float(cell.replace(",", "."))]}))[0]
    shown = app.dataframe[0].value
    assert shown["predicted_price"].iloc[0] == pytest.approx(expected, rel=1e-4)
    assert shown["weight"].iloc[0] == cell
    lab.find(app, "Decimal mark of the file").set_value(".").run()
    assert bool(app.error) == (rows == 12)
    upload(app, "new.csv", b"weight,who\n1.5,a\n")
    assert "Decimal mark of the file" not in [each.label for each in app.selectbox]


def test_a_value_that_may_mean_something_else_is_named_outside_of_the_list(lab, many):
    days = pd.date_range("2024-01-20", periods=60).strftime("%m/%d/%Y")
    rows = [f"{day},{row % 7}.5" for row, day in enumerate(days)]
    app, _run = many(lab.add("\n".join(["day,price", *rows]).encode(), target="price"))
    upload(app, "new.csv", b"day,x\n01.02.2024,1\n")
    assert any("not written as in training" in warning.value for warning in app.warning)

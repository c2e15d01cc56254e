"""The Data page."""

from __future__ import annotations

import pytest

SMALL = b"colour,size,price\n" + b"red,1,10.5\nblue,2,11.0\nred,3,12.5\ngreen,4,9.0\n" * 6
WORKSPACE = "w" * 43


def opened(lab):
    return lab.store.dataset(WORKSPACE, lab.store.recall(WORKSPACE, "dataset"))


def upload(app, name, content):
    app.file_uploader[0].upload(name, content)
    return app.run()


def test_first_visit_shows_the_titanic_ready_to_train(lab, texts):
    app = lab.open("data")
    said = texts(app)
    assert "891 passengers" in said
    assert "**Survived** from 8 columns" in said
    assert lab.find(app, "Target: what to predict").value == "Survived"
    assert not app.get_by_key("to_train").disabled


def test_next_step_leads_to_training(lab):
    app = lab.open("data")
    app.button(key="to_train").click().run()
    assert not app.exception
    assert app.title[0].value == "Train"


def test_preview_and_schema_are_shown(lab):
    app = lab.open("data")
    preview, schema = app.dataframe[0].value, app.dataframe[1].value
    assert "Braund, Mr. Owen Harris" in list(preview["Name"])
    roles = dict(zip(schema["Column"], schema["Role"], strict=True))
    assert roles["Survived"] == "target"
    assert roles["PassengerId"] == "ignored"
    assert roles["Sex"] == "feature"


def test_uploaded_file_is_opened_and_survives_a_new_session(lab, texts):
    app = upload(lab.open("data"), "prices.csv", SMALL)
    assert not app.exception
    assert opened(lab).name == "prices.csv"
    again = lab.open("data")
    assert "prices.csv" in texts(again)
    assert "delimiter comma" in texts(again)
    assert lab.find(again, "Target: what to predict").value == "price"


def test_rows_without_a_target_are_counted_and_left_out(lab, texts):
    content = SMALL + b"red,2,\nblue,1,\n"
    app = upload(lab.open("data"), "prices.csv", content)
    assert not app.exception
    assert "2 rows without a value there are left out." in texts(app)


def test_path_in_a_file_name_is_cut_off(lab):
    upload(lab.open("data"), "..\\..\\etc/passwd.csv", SMALL)
    assert opened(lab).name == "passwd.csv"


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03" * 50, b"%PDF-1.4 nothing"])
def test_bad_file_gives_a_sentence_and_keeps_the_open_table(lab, content):
    app = upload(lab.open("data"), "bad.csv", content)
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value.startswith("**bad.csv**")
    assert opened(lab).name == "Titanic"


def test_message_about_a_bad_file_goes_when_another_table_is_chosen(lab):
    app = upload(lab.open("data"), "bad.csv", b"")
    lab.find(app, "Table").select("sample:penguins").run()
    assert not app.exception
    assert not app.error
    assert opened(lab).schema.target == "species"


def test_choosing_a_target_sets_the_task(lab):
    app = lab.open("data")
    lab.find(app, "Target: what to predict").select("Fare").run()
    assert not app.exception
    schema = opened(lab).schema
    assert (schema.target, schema.task) == ("Fare", "regression")
    assert schema.column("Survived").role == "feature"
    assert lab.find(app, "Task").value == "regression"


def test_number_target_can_be_learned_as_a_number_or_as_classes(lab):
    app = lab.open("data")
    lab.find(app, "Target: what to predict").select("Pclass").run()
    lab.find(app, "Task").select("regression").run()
    assert not app.exception
    assert opened(lab).schema.task == "regression"


def test_split_shares_are_kept(lab):
    app = lab.open("data")
    lab.find(app, "Test rows (%)").set_value(30).run()
    assert not app.exception
    assert opened(lab).split.test_fraction == pytest.approx(0.3)
    again = lab.open("data")
    assert lab.find(again, "Test rows (%)").value == 30


def test_sample_keeps_what_was_changed_in_it(lab):
    app = lab.open("data")
    lab.find(app, "Target: what to predict").select("Fare").run()
    lab.find(app, "Table").select("sample:penguins").run()
    lab.find(app, "Table").select("sample:titanic").run()
    assert not app.exception
    assert lab.find(app, "Target: what to predict").value == "Fare"
    assert len(lab.store.datasets(WORKSPACE)) == 2

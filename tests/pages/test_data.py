"""The Data page."""

from __future__ import annotations

import functools
import json

import pytest

from nfm.files.options import FileLimits
from nfm.settings import Settings

SMALL = b"colour,size,price\n" + b"red,1,10.5\nblue,2,11.0\nred,3,12.5\ngreen,4,9.0\n" * 6
WORKSPACE = "w" * 43


def opened(lab):
    return lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))


def upload(app, name, content):
    app.file_uploader[0].upload(name, content)
    return app.run()


def view(app, name):
    """Choose one of the tabs below."""
    app.session_state["table_view"] = name
    app.run()
    assert not app.exception
    return app


def editor(app):
    """The table of columns, the one whose rows have roles."""
    return next(table for table in app.dataframe if "Role" in table.value.columns)


def test_tables_of_one_name_are_told_apart_by_the_time_of_their_upload(lab):
    same = [lab.add(SMALL, "same.csv") for _ in range(3)]
    lab.add(SMALL, "other.csv")
    app = lab.open("data")
    options = lab.find(app, "Your tables").options
    assert options[0] == "other.csv"
    assert len(set(options)) == 4
    day = f"{same[0].created:%d %b %Y}"
    assert all(option.startswith("same.csv (") and day in option for option in options[1:])
    lab.find(app, "Your tables").select(options[2]).run()
    assert opened(lab).id == same[1].id


def test_days_are_shown_without_a_time(lab):
    rows = "\n".join(f"2024-03-{day:02},2024-03-{day:02} 10:30:00,{day}" for day in range(1, 29))
    lab.add(f"day,moment,y\n{rows}".encode(), target="y")
    app = view(lab.open("data"), "Rows")
    (table,) = [table for table in app.dataframe if "moment" in table.value.columns]
    config = json.loads(table.proto.columns)
    assert config["day"]["type_config"]["type"] == "date"
    assert "moment" not in config


def test_first_visit_shows_the_titanic_ready_to_train(lab, texts):
    app = lab.open("data")
    said = texts(app)
    assert "891 passengers" in said
    assert "**Survived** from 8 columns" in said
    assert "**570** training · **143** validation · **178** test rows." in said
    assert lab.find(app, "Target").value == "Survived"
    assert not app.get_by_key("to_train").disabled


def delete(app, dataset):
    app.button(key=f"table_choice.delete.{dataset.id}").click().run()
    assert not app.exception
    return app


def test_deleted_table_is_gone_until_undo_also_after_a_refresh(lab, texts):
    first, second = lab.add(SMALL, "first.csv"), lab.add(SMALL, "**second**.csv")
    app = lab.open("data")
    delete(app, second)
    assert opened(lab).id == first.id
    assert lab.find(app, "Your tables").options == ["first.csv"]
    again = lab.open("data")
    assert r"\*\*second\*\*.csv was deleted." in texts(again)
    again.button(key=f"table_choice.undo.{second.id}").click().run()
    assert not again.exception
    assert opened(lab).id == second.id
    assert "was deleted" not in texts(again)
    assert lab.find(again, "Your tables").options == ["**second**.csv", "first.csv"]


def test_deleting_the_only_own_table_opens_the_sample(lab, texts):
    added = lab.add(SMALL)
    app = delete(lab.open("data"), added)
    assert "891 passengers" in texts(app)
    assert not any(box.label == "Your tables" for box in app.selectbox)


def test_sample_is_not_deleted(lab):
    app = lab.open("data")
    assert not any(str(button.key).startswith("table_choice.delete") for button in app.button)


def test_table_that_a_run_learns_from_is_not_deleted(lab, texts):
    added = lab.add(SMALL, target="price")
    lab.engine.submit(lab.store.add_run(WORKSPACE, added.id, Settings()))
    app = delete(lab.open("data"), added)
    assert "stop it first" in texts(app)
    assert opened(lab).id == added.id


def test_models_of_a_deleted_table_answer_and_say_what_is_missing(lab, texts):
    added = lab.add(SMALL, target="price")
    run = lab.trained(added)
    lab.store.delete_dataset(WORKSPACE, added.id)
    for page in ("predict", "evaluate", "interactions", "train", "learn"):
        app = lab.open(page)
        assert not app.exception
        if page != "learn":
            assert "was deleted" in texts(app), page
    assert lab.open("predict").metric[0].value
    lab.store.restore_dataset(WORKSPACE, added.id)
    assert "was deleted" not in texts(lab.open("evaluate"))
    assert run.dataset_id == added.id


def test_next_step_leads_to_training(lab):
    app = lab.open("data")
    app.button(key="to_train").click().run()
    assert not app.exception
    assert app.title[0].value == "Train"


def test_preview_and_schema_are_shown(lab):
    app = lab.open("data")
    schema = editor(app).value
    roles = dict(zip(schema["Column"], schema["Role"], strict=True))
    assert roles["Survived"] == "target"
    assert roles["PassengerId"] == "ignored"
    assert roles["Sex"] == "feature"
    app = view(app, "Rows")
    assert "Braund, Mr. Owen Harris" in list(app.dataframe[-1].value["Name"])


def test_uploaded_file_is_opened_and_survives_a_new_session(lab, texts):
    app = upload(lab.open("data"), "prices.csv", SMALL)
    assert not app.exception
    assert opened(lab).name == "prices.csv"
    again = lab.open("data")
    assert "prices.csv" in texts(again)
    assert "delimiter comma" in texts(view(again, "Reading"))
    assert lab.find(again, "Target").value == "price"


def test_rows_without_a_target_are_counted_and_left_out(lab, texts):
    content = SMALL + b"red,2,\nblue,1,\n"
    app = upload(lab.open("data"), "prices.csv", content)
    assert not app.exception
    assert "2 rows have no target and are left out." in texts(app)


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
    app.button(key="sample_penguins").click().run()
    assert not app.exception
    assert not app.error
    assert opened(lab).schema.target == "species"


def test_choosing_a_target_sets_the_task(lab):
    app = lab.open("data")
    lab.find(app, "Target").select("Fare").run()
    assert not app.exception
    schema = opened(lab).schema
    assert (schema.target, schema.task) == ("Fare", "regression")
    assert schema.column("Survived").role == "feature"
    assert lab.find(app, "Task").value == "regression"


def test_number_target_can_be_learned_as_a_number_or_as_classes(lab):
    app = lab.open("data")
    lab.find(app, "Target").select("Pclass").run()
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
    lab.find(app, "Target").select("Fare").run()
    app.button(key="sample_penguins").click().run()
    app.button(key="sample_titanic").click().run()
    assert not app.exception
    assert lab.find(app, "Target").value == "Fare"
    assert len(lab.store.datasets(WORKSPACE)) == 2


def test_earlier_table_is_opened_again(lab, texts):
    app = upload(lab.open("data"), "prices.csv", SMALL)
    first = opened(lab)
    app.button(key="sample_titanic").click().run()
    lab.find(app, "Your tables").select(first.id).run()
    assert not app.exception
    assert opened(lab).id == first.id
    assert "**prices.csv**" in texts(app)


def test_detected_options_are_shown_and_a_change_reads_the_file_anew(lab):
    app = view(upload(lab.open("data"), "prices.csv", SMALL), "Reading")
    assert lab.find(app, "Delimiter").value == ","
    assert lab.find(app, "First line").value is True
    lab.find(app, "First line").select(False).run()
    assert not app.exception
    assert list(app.dataframe[-1].value.columns) == ["column 1", "column 2", "column 3"]
    assert opened(lab).options.has_header is False
    assert lab.find(app, "Target").value == opened(lab).schema.target
    lab.find(app, "First line").select(True).run()
    assert opened(lab).schema.target == "price"


def test_option_that_does_not_fit_is_refused_and_the_table_stays(lab):
    app = view(upload(lab.open("data"), "prices.csv", SMALL), "Reading")
    lab.find(app, "Lines to skip").set_value(500).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "nothing was changed" in app.error[0].value
    assert lab.find(app, "Lines to skip").value == 0
    assert opened(lab).options.skip_lines == 0


def test_runs_keep_the_table_as_they_learned_from_it(lab):
    dataset = lab.add(SMALL, target="colour")
    run = lab.trained(dataset)
    app = view(lab.open("data"), "Reading")
    lab.find(app, "First line").select(False).run()
    assert not app.exception
    assert opened(lab).id != dataset.id
    assert list(lab.store_frame(run).columns) == ["colour", "size", "price"]


def test_refused_file_is_read_with_other_options(lab):
    content = SMALL + b"red,1,2,3\n"
    app = upload(lab.open("data"), "ragged.csv", content)
    assert "Line 26 has 4 cells" in app.error[0].value
    assert opened(lab).name == "Titanic"
    toggle = next(each for each in app.toggle if each.label.startswith("Leave out broken"))
    toggle.set_value(True).run()
    assert not app.exception
    assert not app.error
    assert opened(lab).name == "ragged.csv"


def test_table_with_too_many_rows_is_read_in_part_on_request(lab, texts, monkeypatch):
    monkeypatch.setattr(
        FileLimits, "__init__", functools.partialmethod(FileLimits.__init__, rows=900)
    )
    app = upload(lab.open("data"), "long.csv", b"size,price\n" + b"1,10\n2,20\n3,30\n" * 600)
    assert "read a sample of them" in app.error[0].value
    assert "a sample of the rows" in app.expander[0].label
    toggle = next(each for each in app.toggle if each.label.startswith("Read a sample"))
    toggle.set_value(True).run()
    assert not app.exception
    assert "**long.csv**: 900 rows" in texts(app)
    assert "one row in 2 of 1,800" in texts(app)


def test_class_of_one_row_is_named_before_training(lab, texts):
    content = b"size,kind\n" + b"1,a\n2,b\n" * 20 + b"3,lonely\n"
    app = upload(lab.open("data"), "kinds.csv", content)
    assert "Only one row has kind = **lonely**" in texts(app)
    assert app.get_by_key("to_train").disabled


def test_rows_are_divided_by_group_with_another_seed(lab):
    app = lab.open("data")
    lab.find(app, "Split method").select("group").run()
    lab.find(app, "Group column").select("Ticket").run()
    lab.find(app, "Seed").set_value(7).run()
    assert not app.exception
    split = opened(lab).split
    assert (split.group_column, split.time_column, split.random_state) == ("Ticket", None, 7)
    assert split.stratify
    app.button(key="to_train").click().run()
    app.button(key="train").click().run()
    assert not app.exception
    assert lab.engine.submitted[-1].split == split
    app = lab.open("data")
    lab.find(app, "Split method").select("time").run()
    lab.find(app, "Time column").select("PassengerId").run()
    assert opened(lab).split.time_column == "PassengerId"
    assert opened(lab).split.group_column is None


def test_column_that_cannot_order_the_rows_is_refused(lab):
    app = lab.open("data")
    lab.find(app, "Split method").select("time").run()
    lab.find(app, "Time column").select("Name").run()
    assert not app.exception
    assert "neither dates nor numbers" in app.error[0].value
    assert opened(lab).split.time_column is None


def test_suggestions_come_back(lab):
    app = lab.open("data")
    lab.find(app, "Target").select("Fare").run()
    app.button(key="suggest_again").click().run()
    assert not app.exception
    assert opened(lab).schema.target == "Survived"
    assert lab.find(app, "Target").value == "Survived"


def test_profile_shows_the_target_the_columns_and_what_is_missing(lab, texts):
    app = view(lab.open("data"), "Profile")
    assert len(app.get("plotly_chart")) == 1 + 8 + 1
    assert "share of **survived**" in texts(app)
    assert "PassengerId, Name, Ticket" in texts(app)
    app.button(key="sample_cars").click().run()
    assert not app.exception
    assert "mean **mpg**" in texts(app)
    assert "No values are missing." in texts(app)


def test_many_columns_are_profiled_page_by_page(lab):
    names = [f"c{place}" for place in range(20)]
    rows = [",".join(str((row * place) % 7) for place in range(20)) for row in range(40)]
    content = "\n".join([",".join(names), *rows]).encode()
    app = view(upload(lab.open("data"), "wide.csv", content), "Profile")
    assert len(app.get("plotly_chart")) == 10


def copies() -> bytes:
    rows = [b"%d,%d.5,%s\n" % (k * 37 % 101, k * 53 % 89, b"ny"[k % 2 :][:1]) for k in range(60)]
    return b"a,b,label\n" + b"".join(rows * 10)


def test_copies_are_counted_and_kept_together_unless_one_wants_otherwise(lab, texts):
    app = upload(lab.open("data"), "copies.csv", copies())
    assert (
        "600 rows are copies of one another (not counting the target): 60 different rows"
        in texts(app)
    )
    assert "Copies are kept in the same part" in texts(app)
    assert opened(lab).split.keep_copies_together == "auto"
    lab.find(app, "Copies of rows").select(False).run()
    assert not app.exception
    assert opened(lab).split.keep_copies_together is False
    assert "look better than they are" in app.warning[0].value
    app.button(key="keep_copies").click().run()
    assert opened(lab).split.keep_copies_together is True
    assert lab.find(app, "Copies of rows").value is True
    assert not app.warning


def test_repeats_of_few_valued_columns_are_counted(lab, texts):
    app = lab.open("data")
    app.button(key="sample_parity").click().run()
    assert "2,000 rows repeat another row (not counting the target): 24 different rows" in texts(
        app
    )
    assert "**1,280** training · **320** validation · **400** test rows" in texts(app)


def test_a_column_that_gives_the_target_away_is_ignored_at_a_click(lab, texts):
    rows = [b"%d,%d,%s\n" % (k % 7, k % 2 * 10 + k % 5, b"ny"[k % 2 :][:1]) for k in range(120)]
    app = upload(lab.open("data"), "leak.csv", b"size,after,label\n" + b"".join(rows))
    view(app, "Columns")
    assert "Possible target leakage: **after** may be known only after the outcome" in texts(app)
    lab.go(app, "train")
    assert "Possible target leakage: **after** may be known only after the outcome" in texts(app)
    app.button(key="ignore_suspects.feature_choice").click().run()
    assert not app.exception
    assert opened(lab).schema.column("after").role == "ignored"
    assert lab.find(app, "Features").value == ["size"]
    assert "known only after" not in texts(app)


def test_role_and_kind_can_be_changed_by_fields(lab):
    app = lab.open("data")
    place = [column.name for column in opened(lab).schema.columns].index("Pclass")
    lab.find(app, "Column to change").set_value(place).run()
    assert lab.find(app, "Kind").value == opened(lab).schema.column("Pclass").kind
    other = (
        "numeric" if opened(lab).schema.column("Pclass").kind == "categorical" else "categorical"
    )
    lab.find(app, "Kind").set_value(other).run()
    assert not app.exception
    assert opened(lab).schema.column("Pclass").kind == other
    assert dict(zip(editor(app).value["Column"], editor(app).value["Kind"], strict=True))[
        "Pclass"
    ] == (other)
    lab.find(app, "Role").set_value("ignored").run()
    assert opened(lab).schema.column("Pclass").role == "ignored"
    lab.find(app, "Role").set_value("target").run()
    assert opened(lab).schema.target == "Pclass"
    assert lab.find(app, "Target").value == "Pclass"
    lab.find(app, "Role").set_value("feature").run()
    assert "make another column the target" in app.error[0].value
    assert lab.find(app, "Role").value == "target"


def test_a_doubt_about_a_column_is_said_once_with_its_buttons(lab, texts):
    rows = "".join(f"{1 + i % 9}:{i % 60:02d};{'ab'[i % 2]}\n" for i in range(60))
    lab.add(f"time;y\n{rows}".encode())
    app = lab.open("data")
    assert texts(app).count("hours and minutes or minutes and seconds") == 1
    assert any("read minutes and seconds" in button.label for button in app.button)


def test_notes_that_have_no_room_are_counted_and_none_speaks_of_python(lab, texts):
    cells = "".join(f"01.{10 + k},02.{10 + k},03.{10 + k},{k % 2}\n" for k in range(60))
    lab.add(f"a,b,c,y\n{cells}".encode(), target="y")
    app = lab.open("data")
    assert "'01.10' is read as a number" in texts(app)
    assert "1 more note under Reading, below." in texts(app)
    app.session_state["table_view"] = "Reading"
    app.run()
    assert "'03.10' is read as a number" in texts(app)
    assert "ReadingOptions" not in texts(app)

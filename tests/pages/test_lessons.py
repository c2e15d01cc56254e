"""Lesson links: opened into the forms, checked, and written by the pages."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from nfm.lesson_links.lesson import Lesson, read_lesson, write_lesson
from nfm.settings import PRESETS, Settings, make_settings
from nfm.tabular.splitting import SplitOptions
from nfm.ui.state import services

from .conftest import WORKSPACE

CHANGED = {"epochs": 7, "random_state": 5, "hidden_units": (16, 8)}


def visit(lab, query: str, page: str = "data") -> AppTest:
    """Open a page in a new tab by its address."""
    shell = Path(services.__file__).parents[1] / "shell.py"
    app = AppTest.from_file(str(shell), default_timeout=90)
    app.session_state["services.workspace"] = WORKSPACE
    for name, values in parse_qs(query, keep_blank_values=True).items():
        app.query_params[name] = values
    app.run()
    return lab.go(app, page)


def opened(lab):
    return lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))


def shown_link(app: AppTest) -> str:
    """Open the popover and return the address in it."""
    app.session_state["lesson_link"] = True
    app.run()
    return app.code[0].value


def test_link_sets_table_roles_split_and_settings(lab):
    lesson = Lesson(
        data="titanic",
        settings=make_settings(CHANGED),
        features=("Sex", "Pclass"),
        kinds={"Pclass": "numeric"},
        split=SplitOptions(test_fraction=0.4),
    )
    lab.add(b"a,b\n1,2\n3,4\n")
    app = visit(lab, write_lesson(lesson), "train")
    dataset = opened(lab)
    assert dataset.name == "Titanic"
    assert {column.name for column in dataset.schema.features} == {"Sex", "Pclass"}
    assert dataset.schema.column("Pclass").kind == "numeric"
    assert dataset.split.test_fraction == 0.4
    assert lab.find(app, "Epochs").value == 7
    assert lab.find(app, "Hidden layers").value == "16, 8"
    app.button(key="train").click().run()
    assert lab.engine.submitted[-1].settings == make_settings(
        {**CHANGED, "validation_fraction": 0.2}
    )


def test_a_lesson_without_settings_has_the_defaults_and_one_without_data_leaves_the_table(lab):
    lab.add(b"a,b\n1,2\n3,4\n", "mine.csv")
    app = visit(lab, "lesson=1&preset=article", "train")
    assert opened(lab).name == "mine.csv"
    assert lab.find(app, "Preset").value == "article"
    app = visit(lab, "lesson=1&data=xor", "train")
    assert lab.find(app, "Preset").value == "recommended"


def test_own_runs_are_kept_and_not_taken_for_the_lessons(lab, texts):
    app = lab.open()
    mine = lab.trained(opened(lab))
    app = visit(lab, "lesson=1&data=titanic&epochs=7", "train")
    assert "Press Train" in texts(app)
    assert "no trained model" in texts(lab.go(app, "predict"))
    assert [run.id for run in lab.store.runs(WORKSPACE)] == [mine.id]
    lab.store.set_preference(WORKSPACE, "run", mine.id)
    assert "Run 1 predicts" in texts(app.run())


def test_the_lessons_own_run_is_found_again(lab, texts):
    lab.open()
    settings = make_settings({"epochs": 3, "validation_fraction": 0.2})
    run = lab.trained(opened(lab), settings)
    other = lab.trained(opened(lab), settings.model_copy(update={"random_state": 1}))
    assert lab.store.get_preference(WORKSPACE, "run") == other.id
    app = visit(lab, "lesson=1&data=titanic&epochs=3", "train")
    assert lab.store.get_preference(WORKSPACE, "run") == run.id
    assert "Result" in texts(app)


def test_what_one_edits_in_a_lesson_stays(lab):
    app = visit(lab, "lesson=1&data=titanic&epochs=7", "train")
    lab.find(app, "Epochs").set_value(9).run()
    assert lab.find(app.run(), "Epochs").value == 9
    assert lab.find(visit(lab, "lesson=1&data=titanic&epochs=7", "train"), "Epochs").value == 7


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("lesson=1&data=titanic&epochs=-1", "epochs"),
        ("lesson=1&data=titanic&kind.Deck=numeric", "Deck"),
        ("lesson=1&data=titanic&target=Name", "target"),
        ("lesson=1&data=../../etc/passwd", "etc/passwd"),
        ("lesson=1&data=titanic&%3Cimg%20src%3Dx%3E=%24x%24", "img"),
        ("lesson=9", "version"),
        ("lesson=1&data=titanic&edit.Sex=" + "x" * 20_000, "too long"),
    ],
)
def test_a_hostile_link_is_a_sentence_and_then_the_defaults(lab, query: str, named: str):
    app = visit(lab, query, "train")
    assert named in app.warning[0].value.replace("\\", "")
    assert len(app.warning) == 1
    assert lab.find(app, "Epochs").value == Settings().epochs
    assert opened(lab).schema.target == "Survived"
    assert "<img" not in app.warning[0].value.replace("\\<", "")


def test_many_faults_are_counted_not_listed(lab):
    query = "lesson=1&" + "&".join(f"a{number}=1" for number in range(9))
    app = visit(lab, query)
    assert app.warning[0].value.count("In the link") == 3
    assert "6 more" in app.warning[0].value


def test_hidden_controls_stay_hidden_on_the_way_and_can_be_shown(lab, texts):
    app = visit(lab, "lesson=1&data=titanic&epochs=7&hide=true", "train")
    assert "Epochs 7" in texts(app)
    keys = {button.key for button in app.button}
    assert {"show_controls", "train", "stop"} <= keys
    assert "settings.reset" not in keys
    assert "Epochs" not in [each.label for each in app.number_input]
    lab.go(app, "data")
    app.query_params.clear()
    app.switch_page("../../pages/data.py").run()
    assert app.query_params["hide"] == "true"
    assert not app.selectbox
    app.button(key="show_controls").click().run()
    assert "hide" not in app.query_params
    assert app.selectbox


def test_row_edits_and_threshold_reach_the_model_that_is_trained_for_them(lab, texts):
    query = (
        "lesson=1&data=titanic&epochs=3&row=2&edit.Sex=male&edit.Age=60&edit.Deck=A&threshold=0.4"
    )
    app = visit(lab, query, "train")
    lab.trained(opened(lab), make_settings({"epochs": 3, "validation_fraction": 0.2}))
    lab.go(app, "predict")
    assert lab.find(app, "Start from").value == 1
    assert "Deck" in app.warning[0].value
    said = texts(app)
    assert "2 changes" in said
    assert "threshold of 40%" in said
    app.button(key="undo_edit").click().run()
    assert "as it stands in the table" in texts(app)


def test_the_link_of_a_page_opens_the_same(lab):
    query = "lesson=1&data=titanic&preset=article&epochs=3&split.test_fraction=0.3"
    app = visit(lab, query, "train")
    lesson, problems = read_lesson(parse_qs(urlsplit(shown_link(app)).query))
    assert problems == ()
    wanted = {**PRESETS["article"], "epochs": 3, "validation_fraction": 0.1}
    assert lesson == Lesson(
        data="titanic", settings=make_settings(wanted), split=SplitOptions(test_fraction=0.3)
    )


def test_the_link_of_an_edited_row_carries_it(lab):
    app = visit(lab, "lesson=1&data=titanic&epochs=3", "train")
    lab.trained(opened(lab), make_settings({"epochs": 3, "validation_fraction": 0.2}))
    lab.go(app, "predict")
    lab.find(app, "Start from").set_value(4).run()
    age = next(each for each in app.number_input if each.label.startswith("Age in years"))
    age.set_value(None).run()
    link = shown_link(app)
    lesson, _ = read_lesson(parse_qs(urlsplit(link).query))
    assert (lesson.row, lesson.edits) == (5, {"Age": "(missing)"})
    assert urlsplit(link).path.endswith("/predict")


def test_the_link_of_an_own_table_says_nothing_of_it(lab, texts):
    lab.add(b"secret,answer\nx1,1\nx2,0\n" * 20, "salaries.csv", "answer")
    app = lab.open("train")
    link = shown_link(app)
    assert link.endswith("train?lesson=1&preset=recommended")
    assert "does not include your own table" in texts(app)


def test_link_of_learn_opens_the_same_card(lab):
    app = lab.open("learn")
    app.pills(key="step").set_value("3 Pooling").run()
    app.button(key="step_next").click().run()
    address = shown_link(app)
    assert address.endswith("&step=3%20Pooling&card=2")
    again = visit(lab, address.partition("?")[2], "learn")
    assert again.header[0].value == "One vector for all pairs"
    app.pills(key="step").set_value("2 Vectors").run()
    assert shown_link(app).endswith("&step=2%20Vectors&card=1")

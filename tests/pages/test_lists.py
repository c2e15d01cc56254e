"""A table with a column of lists, through the pages."""

from __future__ import annotations

import pytest

FILMS = (
    b"genres,length,liked\n" + b"Action|Drama,90,yes\nComedy,100,no\nDrama,110,no\n"
    b"Action,95,yes\nComedy|Action,120,yes\n,88,no\n" * 12
)


@pytest.fixture
def films(lab):
    dataset = lab.add(FILMS, target="liked")
    lab.trained(dataset)
    return dataset


def test_data_says_what_a_cell_holds_and_counts_the_items(lab, films, texts):
    column = films.schema.column("genres")
    assert (column.kind, column.role, column.level_count) == ("list", "feature", 3)
    assert column.reason == "Up to 2 of 3 different values in a cell, divided by '|'."
    app = lab.open("data")
    assert not app.exception


def test_items_are_chosen_in_the_form_and_move_the_answer(lab, films, texts):
    app = lab.open("predict")
    assert not app.exception
    (genres,) = [widget for widget in app.multiselect if widget.label.startswith("genres")]
    assert genres.value == ["Action", "Drama"]
    assert genres.options == ["Action", "Comedy", "Drama"]
    assert "This is the row as it stands in the table" in texts(app)
    before = app.metric[0].value
    genres.set_value(["Comedy"]).run()
    assert not app.exception
    assert app.metric[0].value != before
    assert "genres: Action|Drama → **Comedy**" in texts(app).replace("\\", "")
    genres = next(widget for widget in app.multiselect if widget.label.startswith("genres"))
    genres.set_value([]).run()
    assert not app.exception
    assert "→ **(missing)**" in texts(app).replace("\\", "")
    app.button(key="undo_edit").click().run()
    app.button(key="undo_edit").click().run()
    genres = next(widget for widget in app.multiselect if widget.label.startswith("genres"))
    assert genres.value == ["Action", "Drama"]


@pytest.mark.parametrize("page", ["train", "evaluate", "interactions", "learn"])
def test_every_page_takes_a_model_with_lists(lab, films, page):
    assert not lab.open(page).exception


@pytest.mark.parametrize("part", ["What if?", "Two columns", "What would change it?"])
def test_every_explanation_takes_a_model_with_lists(lab, films, part):
    app = lab.open("predict")
    app.session_state["predict_parts"] = part
    app.run()
    assert not app.exception
    assert not app.error

"""A table of ratings on the Data page."""

from __future__ import annotations

TABLE = b"user_id,item_id,rating,release_year\n" + b"".join(
    b"%d,%d,%d,%d\n" % (row % 17, row % 23, 1 + row * 7 % 5, 1950 + row % 40) for row in range(300)
)


def test_rating_is_a_number_and_one_click_makes_it_classes(lab, texts):
    dataset = lab.add(TABLE)
    app = lab.open("data")
    assert lab.find(app, "Target").value == "rating"
    assert lab.find(app, "Task").value == "regression"
    assert "**rating** is a rating: predicted as a number" in texts(app)
    app.button(key="rating_as_classes").click().run()
    assert not app.exception
    assert lab.find(app, "Task").value == "multiclass"
    assert lab.store.dataset(dataset.workspace, dataset.id).schema.task == "multiclass"
    assert not [button for button in app.button if button.key == "rating_as_classes"]

"""Present: larger figures, keys and no settings, without changing anything else."""

from __future__ import annotations

import json

import pytest

from nfm.figures.enlarged import MINIMUM_FONT
from nfm.ui.present import KEYS

PAGES = ("start", "data", "train", "evaluate", "interactions", "predict", "learn")
TABLE = b"color,weight,answer\n" + b"".join(
    b"%s,%d,%s\n" % (b"red" if row % 2 else b"blue", row % 40, b"yes" if row % 3 else b"no")
    for row in range(120)
)


def press(app, key="present"):
    app.button(key=key).click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("page", PAGES)
def test_one_button_of_every_page_begins_and_ends_it(lab, page):
    lab.trained(lab.add(TABLE, target="answer"))
    app = lab.open(page)
    assert not _enlarges(app)
    before = values(app)
    press(app)
    assert app.button(key="present_end").label == "End presentation"
    assert _enlarges(app)
    assert values(app) == before
    for chart in app.get("plotly_chart"):
        assert json.loads(chart.proto.spec)["layout"]["font"]["size"] >= MINIMUM_FONT
    press(app, "present_end")
    assert app.button(key="present").label == "Present"
    assert not _enlarges(app)
    assert values(app) == before


def _enlarges(app):
    """Whether the page gets the stylesheet of Present; styles stand outside of the main area."""
    events = next(block for block in app._tree.children.values() if block.type == "event")
    return any("Present: larger type" in str(one.proto) for one in events.get("html"))


def values(app):
    """What the fields of the page hold, by label."""
    fields = [*app.number_input, *app.selectbox, *app.text_input, *app.toggle, *app.slider]
    return [(field.label, field.value) for field in fields]


def test_it_lasts_from_page_to_page(lab):
    app = press(lab.open("data"))
    lab.go(app, "learn")
    assert app.button(key="present_end").label == "End presentation"
    assert not app.query_params.get("present")


def test_edits_of_the_settings_and_a_running_training_survive_it(lab):
    app = lab.open("train")
    app.number_input(key="settings.0.epochs").set_value(7).run()
    app.button(key="train").click().run()
    press(app)
    assert app.number_input(key="settings.0.epochs").value == 7
    assert len(lab.engine.submitted) == 1
    assert not app.button(key="stop").disabled


@pytest.mark.parametrize(
    ("page", "actions"),
    [
        ("train", {"train": "train", "pause": "pause", "step": "step", "stop": "stop"}),
        ("learn", {"step_next": "next"}),
        ("start", {"start_train": "train"}),
    ],
)
def test_letters_are_keys_only_while_it_is_on(lab, page, actions):
    app = lab.open(page)
    assert app.button(key="present").proto.shortcut == "f2"
    assert all(not app.button(key=key).proto.shortcut for key in actions)
    press(app)
    for key, action in actions.items():
        assert app.button(key=key).proto.shortcut == KEYS[action][0].lower()
    help_text = app.button(key="present_end").help
    assert all(f"**{key}** {meaning}" in help_text for key, meaning in KEYS.values())

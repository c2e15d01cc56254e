"""The tour: on the first visit only, and never in anybody's way."""

from __future__ import annotations

import pytest

from .conftest import WORKSPACE, Lab


@pytest.fixture
def newcomer(lab: Lab) -> Lab:
    """The app of a browser that was never here."""
    lab.store.set_preference(WORKSPACE, "tour", None)
    return lab


def steps(app) -> list[str]:
    return [each.value for each in app.markdown if "Tour, " in each.value]


def test_tour_leads_from_page_to_page_to_its_end(newcomer: Lab):
    app = newcomer.open()
    for number in (1, 2, 3):
        assert f"{number} of 4" in steps(app)[0]
        if number == 2:
            newcomer.trained(newcomer.store.datasets(WORKSPACE)[0])
            app.run()
        app.button(key="tour_next").click().run()
        assert not app.exception
    assert "4 of 4" in steps(app)[0]
    app.button(key="tour_end").click().run()
    assert steps(app) == []
    assert steps(newcomer.open()) == []


def test_tour_does_not_lead_past_a_training(newcomer: Lab):
    app = newcomer.open("train")
    assert "2 of 4" in steps(app)[0]
    assert [button.key for button in app.button if str(button.key).startswith("tour")] == [
        "tour_end"
    ]


def test_tour_is_offered_to_newcomers_who_trained_on_the_start_page(newcomer: Lab):
    app = newcomer.open("start")
    assert steps(app) == []
    app.button(key="start_train").click().run()
    newcomer.engine.finish("completed", epochs=3)
    assert "1 of 4" in steps(newcomer.open("data"))[0]


def test_tour_that_was_skipped_is_over_in_the_next_session_too(newcomer: Lab):
    app = newcomer.open()
    app.button(key="tour_end").click().run()
    assert steps(app) == steps(newcomer.go(app, "train")) == []
    assert steps(newcomer.open("train")) == []


def test_tour_that_was_begun_goes_on_after_a_training(newcomer: Lab):
    app = newcomer.open()
    newcomer.trained(newcomer.store.datasets(WORKSPACE)[0])
    assert "3 of 4" in steps(newcomer.go(app, "predict"))[0]
    assert "3 of 4" in steps(newcomer.open("predict"))[0]


def test_whoever_has_trained_before_gets_no_tour(newcomer: Lab):
    newcomer.trained(newcomer.add(b"a,b\n1,0\n2,1\n" * 20, target="b"))
    assert steps(newcomer.open("train")) == []


def test_other_pages_and_lessons_without_controls_have_no_step(newcomer: Lab):
    app = newcomer.open("evaluate")
    assert steps(app) == []
    app.session_state["lessons.hidden"] = True
    assert steps(newcomer.go(app, "learn")) == []

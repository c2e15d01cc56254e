"""Pages that speak of a model, before there is one."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("page", ["predict", "evaluate", "interactions"])
def test_without_a_model_a_button_leads_to_training(lab, texts, page):
    app = lab.open(page)
    assert "no trained model yet" in texts(app)
    app.button(key="to_train").click().run()
    assert not app.exception
    assert app.title[0].value == "Train"

"""Pages where sign-in is on."""

from __future__ import annotations

import sys
from functools import partialmethod

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from nfm.errors import SettingsError
from nfm.settings import Settings
from nfm.ui.components.database_problem import on_script_error
from nfm.ui.sign_in import FAILED
from nfm.ui.state import account

ANN = {"is_logged_in": True, "iss": "https://a.example", "sub": "1", "name": "Ann *Bold*"}
BEN = ANN | {"sub": "2", "name": "Ben"}
BROWSER = "w" * 43


@pytest.fixture
def signed_in(lab, monkeypatch):
    """Open pages for a user of a server where sign-in is on."""
    monkeypatch.setenv("NFM_SIGN_IN", "1")
    handled = partialmethod(ScriptRunner.__init__, on_script_error=on_script_error)
    monkeypatch.setattr(ScriptRunner, "__init__", handled)

    def open_page(user, page="data"):
        app = lab.open_as(user, page)
        assert not app.exception
        return app

    return open_page


def tables(app) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.mark.parametrize("page", ["start", "data", "train", "predict", "evaluate", "learn"])
@pytest.mark.parametrize("user", [{}, {"is_logged_in": False}, {"email": "ann@example.org"}])
def test_signed_out_people_see_one_page_and_change_nothing(lab, signed_in, page, user, monkeypatch):
    lab.add(b"a,b\n1,x\n2,y\n3,x\n", "of_the_browser.csv")

    def refuse(*_arguments, **_keywords):
        raise AssertionError("the store was used")

    for name in ("visit", "get_preference", "set_preference", "datasets", "runs", "add_dataset"):
        monkeypatch.setattr(lab.store, name, refuse)
    app = signed_in(user, page)
    assert [title.value for title in app.title] == ["Sign in"]
    assert [button.label for button in app.button] == ["Sign in"]
    assert "of_the_browser.csv" not in tables(app)


def test_each_account_has_its_own_workspace(lab, signed_in):
    app = signed_in(ANN)
    assert "Ann \\*Bold\\*" in tables(app)
    with_account = lab.workspace_of(ANN)
    lab.store.update_dataset(with_account, lab.store.datasets(with_account)[0].id, name="of_ann")
    assert "of_ann" in tables(signed_in(ANN)).replace("\\", "")
    assert "of_ann" not in tables(signed_in(BEN)).replace("\\", "")
    assert lab.store.datasets(BROWSER) == ()


def test_the_workspace_of_the_browser_is_offered_and_moved(lab, signed_in):
    lab.add(b"a,b\n1,x\n2,y\n3,x\n", "of_the_browser.csv")
    app = signed_in(ANN)
    assert "This browser has 1 table from" in tables(app)
    assert "**of\\_the\\_browser" not in tables(app)
    app.button(key="take_over_yes").click().run()
    assert not app.exception
    assert "This browser has" not in tables(app)
    assert "of_the_browser.csv" in tables(app).replace("\\", "")
    assert lab.store.datasets(BROWSER) == ()
    assert "This browser has" not in tables(signed_in(BEN))


def test_a_workspace_that_is_left_stays_and_is_not_offered_again(lab, signed_in, monkeypatch):
    lab.add(b"a,b\n1,x\n2,y\n3,x\n", "of_the_browser.csv")
    app = signed_in(ANN)
    app.button(key="take_over_no").click().run()
    assert "This browser has" not in tables(app)
    assert "This browser has" not in tables(signed_in(ANN))
    assert [one.name for one in lab.store.datasets(BROWSER)] == ["of_the_browser.csv"]
    monkeypatch.setenv("NFM_SIGN_IN", "0")
    assert "of_the_browser.csv" in tables(lab.open()).replace("\\", "")


def test_a_browser_that_trains_is_not_moved_yet(lab, signed_in):
    added = lab.add(b"a,b\n1,x\n2,y\n3,x\n", target="b")
    lab.store.add_run(BROWSER, added.id, Settings())
    app = signed_in(ANN)
    app.button(key="take_over_yes").click().run()
    assert "A run still waits or trains there" in app.error[0].value
    assert len(lab.store.runs(BROWSER)) == 1


def test_after_signing_out_nothing_is_left_on_the_page(signed_in):
    app = signed_in(ANN)
    app.button(key="sign_out").click().run()
    assert [title.value for title in app.title] == ["Sign in"]
    assert "Titanic" not in tables(app)


def test_a_click_after_signing_out_elsewhere_changes_nothing(lab, signed_in, monkeypatch):
    app = signed_in(ANN, "train")
    count = len(lab.store.runs(lab.workspace_of(ANN)))
    app.user = {"is_logged_in": False}
    app.button(key="train").click().run()
    assert len(lab.store.runs(lab.workspace_of(ANN))) == count
    assert lab.engine.submitted == []
    assert [title.value for title in app.title] == ["Sign in"]


def test_a_failed_attempt_is_said(lab, signed_in):
    app = signed_in({})
    app.query_params[FAILED] = ""
    app.run()
    assert "the sign-in provider did not respond, or refused" in app.error[0].value


def test_incomplete_settings_are_said_where_people_sign_in(signed_in, monkeypatch):
    def fail():
        raise SettingsError("secrets.toml lacks 'client_id'.")

    monkeypatch.setattr(account, "check_settings", fail)
    app = signed_in({})
    app.button(key="sign_in").click().run()
    assert app.error[0].value.replace("\\", "") == "secrets.toml lacks 'client_id'."


def test_without_the_setting_nothing_of_it_is_drawn_or_imported(lab, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] in ("authlib", "joserfc")]:
        monkeypatch.delitem(sys.modules, name)
    app = lab.open()
    assert not any(button.key in ("sign_in", "sign_out") for button in app.button)
    lab.go(app, "train")
    assert not any(name.partition(".")[0] in ("authlib", "joserfc") for name in sys.modules)

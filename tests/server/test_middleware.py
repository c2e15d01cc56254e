from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse

from nfm.server.middleware import WorkspaceCookie
from nfm.ui.state.services import COOKIE

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TOKEN = "A" * 42 + "-"


@pytest.fixture
def visit(ask):
    """Ask a server that has nothing but the cookie."""
    application = WorkspaceCookie(PlainTextResponse("page"))
    return lambda *arguments, **keywords: ask(application, *arguments, **keywords)


def test_a_new_browser_gets_a_token_that_scripts_and_other_sites_cannot_use(visit):
    cookie = visit("/train", headers=PAGE).cookie(COOKIE)
    assert len(cookie.value) == 43
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert int(cookie["max-age"]) == 365 * 24 * 3600
    assert not cookie["secure"]
    assert not cookie["domain"]


def test_two_browsers_get_different_tokens(visit):
    tokens = set()
    for _ in range(10):
        tokens.add(visit("/", headers=PAGE).cookie(COOKIE).value)
    assert len(tokens) == 10


def test_a_browser_keeps_its_token_for_another_year(visit):
    response = visit("/", headers={**PAGE, "cookie": f"other=1; {COOKIE}={TOKEN}"})
    assert response.cookie(COOKIE).value == TOKEN


@pytest.mark.parametrize("token", ["", "short", "A" * 44, "A" * 42 + "!", '"; Path=/evil; x="'])
def test_what_is_no_token_is_replaced(visit, token: str):
    response = visit("/", headers={**PAGE, "cookie": f"{COOKIE}={token}"})
    value = response.cookie(COOKIE).value
    assert len(value) == 43
    assert value != token


@pytest.mark.parametrize("accept", ["*/*", "image/avif,image/webp", "application/json"])
def test_scripts_and_pictures_carry_no_cookie(visit, accept: str):
    response = visit("/static/js/index.js", headers={"accept": accept})
    assert response.cookie(COOKIE) is None
    assert response.body == b"page"


def test_over_https_the_cookie_stays_on_https(visit):
    assert visit("/", headers=PAGE, scheme="https").cookie(COOKIE)["secure"] is True


def test_behind_a_proxy_that_speaks_https_the_cookie_stays_on_https(visit):
    response = visit("/", headers={**PAGE, "x-forwarded-proto": "https"})
    assert response.cookie(COOKIE)["secure"] is True

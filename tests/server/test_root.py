"""The page tells the browser where its server is; all other answers stay as they are."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from nfm.server.root import RootAddress, root_script

PAGE = "<!doctype html><html><head><title>é</title></head><body><head></body></html>"


FOR_A_PAGE = {"accept": "text/html,*/*"}


def test_the_script_is_the_first_of_the_page(ask: Callable):
    response = ask(RootAddress(HTMLResponse(PAGE), "first()"), "/train", FOR_A_PAGE)
    page = response.body.decode()
    assert page == PAGE.replace("<head>", "<head><script>first()</script>", 1)
    assert int(response.headers["content-length"]) == len(response.body)


def test_other_answers_stay_as_they_are(ask: Callable):
    for answer in (PlainTextResponse("<head>"), HTMLResponse("<head>", status_code=404)):
        assert ask(RootAddress(answer, "first()"), "/", FOR_A_PAGE).body == b"<head>"
    assert ask(RootAddress(HTMLResponse("<head>"), "first()")).body == b"<head>"


def test_the_page_is_asked_for_whole_and_uncompressed(ask: Callable):
    asked: list[Headers] = []

    async def answer(scope, receive, send) -> None:
        asked.append(Headers(scope=scope))
        await Response("x")(scope, receive, send)

    ask(RootAddress(answer, "first()"), "/", {**FOR_A_PAGE, "accept-encoding": "gzip", "x": "y"})
    assert "accept-encoding" not in asked[0]
    assert asked[0]["x"] == "y"


def test_every_page_is_known_to_the_script():
    for name in ("data", "train", "predict", "evaluate", "interactions", "learn"):
        assert f'"{name}"' in root_script()

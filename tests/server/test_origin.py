from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from nfm.server.origin import ForeignOrigins

OWN = ["http://testserver", "https://TestServer"]
FOREIGN = [
    "https://evil.example",
    "http://testserver.evil.example",
    "http://testserver:8502",
    "null",
    "",
    "http://[",
    "testserver",
]


@pytest.fixture
def visit(ask):
    """Send a request with an origin to a server that answers "page"."""
    application = ForeignOrigins(PlainTextResponse("page"))
    return lambda **headers: ask(application, "/", headers=headers)


def test_a_typed_address_has_no_origin_and_is_answered(visit):
    assert visit().body == b"page"


@pytest.mark.parametrize("origin", OWN)
def test_pages_of_this_server_are_answered(visit, origin: str):
    assert visit(origin=origin).status == 200


def test_the_name_of_the_proxy_is_an_own_one(visit):
    headers = {"origin": "https://lab.example.org", "x-forwarded-host": "lab.example.org"}
    assert visit(**headers).status == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_pages_of_other_sites_are_refused_in_a_sentence(visit, origin: str):
    answer = visit(origin=origin)
    assert answer.status == 403
    assert b"another site" in answer.body
    assert "access-control-allow-origin" not in answer.headers


def shake_hands(origin: str) -> tuple[list[dict], list[str]]:
    """Ask for a WebSocket; return what was sent, and the kinds of scope that came through."""
    sent: list[dict] = []
    reached: list[str] = []

    async def behind(scope, receive, send) -> None:
        reached.append(scope["type"])

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "headers": [(b"host", b"testserver"), (b"origin", origin.encode())],
    }
    asyncio.run(ForeignOrigins(behind)(scope, receive, send))
    return sent, reached


@pytest.mark.parametrize("origin", FOREIGN)
def test_handshakes_of_other_sites_never_reach_streamlit(origin: str):
    sent, reached = shake_hands(origin)
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert reached == []


@pytest.mark.parametrize("origin", OWN)
def test_own_handshakes_reach_streamlit(origin: str):
    assert shake_hands(origin) == ([], ["websocket"])

"""Tells the browser where the app's root is, so that it need not try addresses that fail."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGES = Path(__file__).resolve().parents[2] / "pages"


class RootAddress:
    """Puts a script into the app's HTML that names the address of its server.

    On the address of a page, `/train` say, Streamlit's browser side asks for its server below
    that address first and at the root only then; the first answer, "not found", stands as an
    error on the browser's console, and costs a round trip.

    Args:
        app: What answers.
        script: As `root_script` returns it; more may follow it.
    """

    def __init__(self, app: ASGIApp, script: str) -> None:
        self._app = app
        self._script = f"<head><script>{script}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not _asks_for_a_page(scope):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_with_script(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await self._finish(start, body, send)

        await self._app(_plain(scope), receive, send_with_script)

    async def _finish(self, start: Message, body: bytes, send: Send) -> None:
        page = body.replace(b"<head>", self._script, 1)
        MutableHeaders(scope=start)["content-length"] = str(len(page))
        await send(start)
        await send({"type": "http.response.body", "body": page})


def root_script() -> str:
    """Return the script: all of the page's address before the name of a page is the root."""
    names = json.dumps(sorted(path.stem for path in _PAGES.glob("*.py")))
    return (
        "{const parts = window.location.pathname.split('/');"
        f"if ({names}.includes(parts.at(-1))) parts[parts.length - 1] = '';"
        "window.__streamlit = {BACKEND_BASE_URL: window.location.origin + parts.join('/')};}"
    )


def _asks_for_a_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _plain(scope: Scope) -> Scope:
    """Ask for the whole page, neither compressed nor sent by its path: it is changed on the way."""
    unwanted = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
    return {
        **scope,
        "headers": [header for header in scope["headers"] if header[0] not in unwanted],
        "extensions": {
            name: value
            for name, value in scope.get("extensions", {}).items()
            if name != "http.response.pathsend"
        },
    }


def _is_page(start: Message) -> bool:
    is_html = Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
    return is_html and start["status"] == HTTPStatus.OK

"""The ASGI middleware, outermost first."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nfm.server.headers import SecurityHeaders, security_headers
from nfm.server.origin import ForeignOrigins
from nfm.server.root import RootAddress, root_script
from nfm.ui.state.services import COOKIE


def middleware() -> list[Middleware]:
    """Return the middleware of `st.App`, the outermost first."""
    script = root_script() + keyboard_script()
    return [
        Middleware(SecurityHeaders, headers=security_headers(script)),
        Middleware(ForeignOrigins),
        Middleware(WorkspaceCookie),
        Middleware(RootAddress, script=script),
    ]


_SCRIPT = Path(__file__).with_name("keyboard.js")


def keyboard_script() -> str:
    """Return the script, to be put into the page's HTML."""
    return _SCRIPT.read_text(encoding="utf-8")


_YEAR_SECONDS = 365 * 24 * 60 * 60
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class WorkspaceCookie:
    """Gives every browser an unguessable token, and renews it for a year at every visit.

    Only requests for a page get the cookie, not those for its scripts and pictures, which
    come at the same time and would each make a token of their own. Scripts cannot read it
    (HttpOnly), other sites cannot use it (SameSite).

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        if "text/html" not in request.headers.get("accept", ""):
            await self._app(scope, receive, send)
            return
        token = request.cookies.get(COOKIE, "")
        if not _TOKEN.fullmatch(token):
            token = secrets.token_urlsafe(32)
        cookie = (f"{COOKIE}={token}; Path=/; Max-Age={_YEAR_SECONDS}; HttpOnly; SameSite=Lax") + (
            "; Secure" if _encrypted(request) else ""
        )

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _encrypted(request: HTTPConnection) -> bool:
    """Whether the browser speaks HTTPS, with this server or with a proxy before it."""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return request.url.scheme == "https" or forwarded == "https"

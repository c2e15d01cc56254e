"""The ASGI middleware: headers, origin check, private answers, workspace cookie, page script."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime

from nfm.app_folder import APP_FOLDER
from nfm.environment import environment
from nfm.server.duplicate_clicks import DuplicateClicks
from nfm.server.headers import SecurityHeaders, is_encrypted, is_session_media, security_headers
from nfm.server.sign_in import SignIn
from nfm.ui.state.services import COOKIE, SECURE_COOKIE, TOKEN

_YEAR_SECONDS = 365 * 24 * 60 * 60
_REFUSAL = "This request comes from a page of another site. Open NFM Lab in a tab of its own.\n"
_TOO_MUCH = "This tab has uploaded too many files. Remove some of them, or reload the page.\n"
# Two tables and two models of the largest size, or more of smaller ones.
SESSION_UPLOAD_BYTES = 210 << 20
_KEYBOARD = Path(__file__).with_name("keyboard.js")
_FIRST_STYLE = Path(__file__).with_name("first_style.css")
# Parts of the addresses of files: they are the same for everyone, or belong to one session.
_FILES = frozenset({"static", "media", "component", "_stcore"})
_PAGES = APP_FOLDER / "pages"


def middleware() -> list[Middleware]:
    """Return the middleware of `st.App`, the outermost first."""
    script = server_address_script() + _KEYBOARD.read_text(encoding="utf-8")
    return [
        Middleware(SecurityHeaders, headers=security_headers(script)),
        Middleware(OriginCheck),
        Middleware(PrivateResponses),
        Middleware(SignIn),
        Middleware(UploadLimit),
        Middleware(WorkspaceCookie),
        Middleware(PageScript, script=script, style=_FIRST_STYLE.read_text(encoding="utf-8")),
        Middleware(DuplicateClicks),
    ]


class OriginCheck:
    """Answers requests and WebSocket handshakes from pages of other sites with 403.

    Streamlit refuses such handshakes too, but it looks up its own external address first: two
    HTTP requests to other hosts, during which it answers nobody. No setting prevents that. It
    compares the origin with `Host`, letter by letter, so a request that is accepted here reaches
    it with the host of its origin.

    Args:
        app: The ASGI application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _is_own(headers):
            if scope["type"] == "websocket" and "origin" in headers:
                scope = _with_host(scope, urlsplit(headers["origin"]).netloc)
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            # Closed before it is accepted: the server answers 403.
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
        else:
            await PlainTextResponse(_REFUSAL, status_code=403)(scope, receive, send)


def _with_host(scope: Scope, host: str) -> Scope:
    others = [header for header in scope["headers"] if header[0] != b"host"]
    return {**scope, "headers": [(b"host", host.encode("latin-1")), *others]}


def _is_own(headers: Headers) -> bool:
    """Return whether a request has no origin, like a typed address, or that of this server."""
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    # A proxy may rename the host; a page of another site can set neither header.
    hosts = (headers.get("host", ""), headers.get("x-forwarded-host", "").split(",")[0].strip())
    return place != "" and place in {host.lower() for host in hosts}


class PrivateResponses:
    """Keeps files of a session out of every cache, and the server's metrics to itself.

    `/_stcore/metrics` shows the memory and the sessions of the server.

    Args:
        app: The ASGI application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.endswith("/_stcore/metrics") and not environment().metrics:
            await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)
            return

        async def send_as_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "private, no-store"
            await send(message)

        await self._app(scope, receive, send_as_private if is_session_media(path) else send)


class UploadLimit:
    """Limits the bytes that a session has uploaded and that are in memory at the same time.

    Streamlit limits a single file, and keeps every file until its session ends or the widget that
    asked for it has another one; a file that no widget asked for stays.

    Args:
        app: The ASGI application.
        most_bytes: The limit per session.
        held: Returns the bytes that are kept for a session.
    """

    def __init__(
        self,
        app: ASGIApp,
        most_bytes: int = SESSION_UPLOAD_BYTES,
        held: Callable[[str], int] | None = None,
    ) -> None:
        self._app = app
        self._most = most_bytes
        self._held = held or uploaded_bytes
        self._arriving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        parts = scope["path"].split("/") if scope["type"] == "http" else []
        if parts[-4:-2] != ["_stcore", "upload_file"] or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        session = parts[-2]
        length = Headers(scope=scope).get("content-length", "")
        # Without a length, the file may have the size that Streamlit allows.
        size = int(length) if length.isdecimal() else st.get_option("server.maxUploadSize") << 20
        if self._held(session) + self._arriving[session] + size > self._most:
            await PlainTextResponse(_TOO_MUCH, status_code=413)(scope, receive, send)
            return
        self._arriving[session] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._arriving[session] -= size
            if not self._arriving[session]:
                del self._arriving[session]


def uploaded_bytes(session: str) -> int:
    """Return the bytes of the files that Streamlit keeps for a session."""
    if not Runtime.exists():
        return 0
    manager = Runtime.instance().uploaded_file_mgr
    storage = getattr(manager, "file_storage", {})
    return sum(len(file.data) for file in tuple(storage.get(session, {}).values()))


class WorkspaceCookie:
    """Gives every browser an unguessable token, and renews it for a year at every visit.

    Only requests for a page get the cookie. Those for its scripts and pictures come at the same
    time and would each create another token. Scripts cannot read it (HttpOnly), and other sites
    cannot use it (SameSite). Over HTTPS its name begins with `__Host-`: neither a page without
    encryption nor another host of the same domain can set such a cookie. A token under the former
    name is kept under the new one.

    Args:
        app: The ASGI application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        is_file = not _FILES.isdisjoint(scope["path"].split("/"))
        if is_file or "text/html" not in request.headers.get("accept", ""):
            await self._app(scope, receive, send)
            return
        cookies = _cookies(request)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for cookie in cookies:
                    headers.append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _cookies(request: HTTPConnection) -> list[str]:
    """Return the cookies to set: the token, and the end of the one with the former name."""
    encrypted = is_encrypted(request)
    names = (SECURE_COOKIE, COOKIE) if encrypted else (COOKIE,)
    tokens = (request.cookies.get(name, "") for name in names)
    token = next(filter(TOKEN.fullmatch, tokens), None) or secrets.token_urlsafe(32)
    attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if encrypted else "")
    cookies = [f"{names[0]}={token}; Max-Age={_YEAR_SECONDS}; {attributes}"]
    if encrypted and COOKIE in request.cookies:
        cookies.append(f"{COOKIE}=; Max-Age=0; {attributes}")
    return cookies


class PageScript:
    """Inserts a script and a style at the start of the `<head>` of every HTML page.

    Args:
        app: The ASGI application.
        script: JavaScript, as `server_address_script` returns it, for example.
        style: CSS that applies before Streamlit's frontend has drawn anything.
    """

    def __init__(self, app: ASGIApp, script: str, style: str) -> None:
        self._app = app
        self._inserted = f"<head><script>{script}</script><style>{style}</style>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        if not is_get or "text/html" not in Headers(scope=scope).get("accept", ""):
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
                if message.get("more_body", False):
                    return
                page = body.replace(b"<head>", self._inserted, 1)
                MutableHeaders(scope=start)["content-length"] = str(len(page))
                await send(start)
                await send({"type": "http.response.body", "body": page})

        await self._app(_plain(scope), receive, send_with_script)


def server_address_script() -> str:
    """Return a script that tells Streamlit's frontend the address of its server.

    On the address of a page, such as `/train`, the frontend would first request its server below
    this address and only then at the root. The first answer, "not found", would appear as an
    error in the browser's console and cost a round trip.
    """
    names = json.dumps(sorted(path.stem for path in _PAGES.glob("*.py")))
    return (
        "{const parts = window.location.pathname.split('/');"
        f"if ({names}.includes(parts.at(-1))) parts[parts.length - 1] = '';"
        "window.__streamlit = {BACKEND_BASE_URL: window.location.origin + parts.join('/')};}"
    )


def _plain(scope: Scope) -> Scope:
    """Return a scope whose answer is the whole page, neither compressed nor sent by its path."""
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

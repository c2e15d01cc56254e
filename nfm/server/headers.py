"""Security headers: the browser runs only Streamlit's own files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """Adds headers to every HTTP response.

    Args:
        app: The ASGI application.
        headers: Name and value of each header.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def security_headers(*scripts: str) -> dict[str, str]:
    """Return the security headers for the installed version of Streamlit.

    Args:
        scripts: Text of the scripts that are inserted into Streamlit's page.

    Returns:
        Name and value of each header.
    """
    spec = find_spec("streamlit")
    assert spec is not None  # noqa: S101 - the server is Streamlit's
    assert spec.origin is not None  # noqa: S101
    page = (Path(spec.origin).parent / "static" / "index.html").read_text(encoding="utf-8")
    return {
        "Content-Security-Policy": content_security_policy(page, *scripts),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def is_encrypted(request: HTTPConnection) -> bool:
    """Return whether the browser uses HTTPS, with this server or with a proxy in front of it."""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return request.url.scheme == "https" or forwarded == "https"


def is_session_media(path: str) -> bool:
    """Return whether a path is that of a file of a session: a picture, or something to download.

    Below static/media, Streamlit has its own files, such as fonts.

    Args:
        path: The path of a request.
    """
    parts = path.split("/")
    return "media" in parts and parts[-3:-1] != ["static", "media"]


def content_security_policy(page: str, *more: str) -> str:
    """Return a policy that allows a page to load and run its own files only.

    Args:
        page: HTML of the page; its inline scripts are allowed by their hash.
        more: Text of further scripts that are allowed by their hash.

    Returns:
        The header's value. Streamlit sets styles from scripts, and its graphs need WebAssembly.
        Pictures of other sites are not loaded: a table's text could use one to report that
        somebody has looked at it.
    """
    scripts = ["'self'", "'wasm-unsafe-eval'"]
    for script in (*inline_scripts(page), *more):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        scripts.append(f"'sha256-{digest}'")
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(scripts),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def inline_scripts(page: str) -> list[str]:
    """Return the text of every inline script of an HTML page, in order."""
    finder = _ScriptFinder()
    finder.feed(page)
    return finder.found


class _ScriptFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and not any(name == "src" for name, _ in attributes)
        if self._inside:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

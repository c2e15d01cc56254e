"""Headers that tell the browser to run nothing but Streamlit's own files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """Adds headers to every answer.

    Args:
        app: What answers.
        headers: Value of each header.
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
    """Return the headers, which fit the installed version of Streamlit.

    Args:
        scripts: Scripts that are put into the page's HTML beside Streamlit's.
    """
    return {
        "Content-Security-Policy": content_security_policy(_index_page(), *scripts),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def content_security_policy(page: str, *more: str) -> str:
    """Return a policy that lets a page load and run its own files only.

    Args:
        page: The page's HTML; the scripts that stand in it are named by their hash.
        more: Other scripts to be named likewise.

    Returns:
        The header's value. Streamlit needs styles from scripts; its drawing of graphs needs
        WebAssembly. A picture from elsewhere, by which a table's text could tell
        somebody that it was looked at, is not loaded.
    """
    scripts = [
        "'self'",
        "'wasm-unsafe-eval'",
        *map(_source, [*inline_scripts(page), *more]),
    ]
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
    """Return the text of every script that stands in a page itself."""
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


def _source(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _index_page() -> str:
    spec = find_spec("streamlit")
    assert spec is not None  # noqa: S101 - the server is Streamlit's
    assert spec.origin is not None  # noqa: S101
    return (Path(spec.origin).parent / "static" / "index.html").read_text(encoding="utf-8")

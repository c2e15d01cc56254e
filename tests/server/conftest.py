"""Requests without a network: the ASGI protocol, spoken by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
from starlette.datastructures import Headers
from starlette.types import ASGIApp


@dataclass
class Response:
    """What an application answered."""

    status: int
    headers: Headers
    body: bytes

    def cookie(self, name: str):
        """Return a cookie that the answer sets, with its attributes, or None."""
        return SimpleCookie(self.headers.get("set-cookie", "")).get(name)


@pytest.fixture(scope="session")
def ask() -> Callable[..., Response]:
    """Send a request to an ASGI application."""

    def ask(
        application: ASGIApp,
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        scheme: str = "http",
        method: str = "GET",
    ) -> Response:
        raw = [(b"host", b"testserver")]
        raw += [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": raw,
            "scheme": scheme,
            "server": ("testserver", 80),
        }
        messages: list[dict] = []

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict) -> None:
            messages.append(message)

        asyncio.run(application(scope, receive, send))
        start, *rest = messages
        body = b"".join(message.get("body", b"") for message in rest)
        return Response(start["status"], Headers(raw=start["headers"]), body)

    return ask

"""Refuses requests that pages of other sites send."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_REFUSAL = "This request comes from a page of another site. Open NFM Lab in a tab of its own.\n"


class ForeignOrigins:
    """Answers requests and WebSocket handshakes of other sites' pages with 403.

    Streamlit refuses their handshakes as well, but looks for its own external address first: two
    HTTP requests to other hosts, during which nobody else is answered. No setting prevents that.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] not in ("http", "websocket") or _is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            # Closed before it is accepted: the server answers 403.
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
        else:
            await PlainTextResponse(_REFUSAL, status_code=403)(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    """Say whether a request has no origin, as of a typed address, or that of this server."""
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

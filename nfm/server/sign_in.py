"""Where sign-in is on: files are for those who are signed in, and a failure leads to a page."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from nfm.environment import environment
from nfm.server.headers import is_encrypted, is_session_media
from nfm.ui.sign_in import FAILED

_LOGIN = "/auth/login"
_CALLBACK = "/oauth2callback"


class SignIn:
    """Refuses files of sessions to those who are not signed in, and handles failed sign-ins.

    Streamlit answers a failure with a bare error, or with the start page without a word.

    Args:
        app: The ASGI application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not environment().sign_in:
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        path = scope["path"]
        of_a_session = is_session_media(path) or "/_stcore/upload_file" in path
        if not of_a_session or _is_signed_in(request):
            if path.endswith((_LOGIN, _CALLBACK)):
                send = _Answer(request, receive, send)
            await self._app(scope, receive, send)
        else:
            answer = PlainTextResponse("Sign in first.\n", status_code=HTTPStatus.UNAUTHORIZED)
            await answer(scope, receive, send)


class _Answer:
    """Sends the answer to a step of signing in, or leads to the page that says that it failed."""

    def __init__(self, request: HTTPConnection, receive: Receive, send: Send) -> None:
        self._request, self._receive, self._send = request, receive, send
        self._failed = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self._failed = self._has_failed(message["status"], headers)
            if self._failed:
                base = self._request.url.path.removesuffix(_LOGIN).removesuffix(_CALLBACK)
                await RedirectResponse(f"{base}/?{FAILED}", status_code=HTTPStatus.FOUND)(
                    self._request.scope, self._receive, self._send
                )
            elif is_encrypted(self._request):
                cookies = headers.getlist("set-cookie")
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", f"{cookie}; Secure")
        if not self._failed:
            await self._send(message)

    def _has_failed(self, status: int, headers: MutableHeaders) -> bool:
        if status >= HTTPStatus.BAD_REQUEST:
            return True
        # Without a state, the provider leads back here after signing out.
        signing_in = self._request.url.path.endswith(_CALLBACK) and (
            not {"state", "error"}.isdisjoint(self._request.query_params)
        )
        cookies = headers.getlist("set-cookie")
        return signing_in and not any(
            cookie.startswith(f"{USER_COOKIE_NAME}=") and "Max-Age=0" not in cookie
            for cookie in cookies
        )


def _is_signed_in(request: HTTPConnection) -> bool:
    """Return whether a request has a cookie that Streamlit has signed for an account."""

    def decoded(name: str) -> bytes | None:
        value = request.cookies.get(name, "").encode("latin-1", errors="replace")
        return decode_signed_value(get_cookie_secret(), name, value)

    return get_cookie_with_chunks(decoded, USER_COOKIE_NAME) is not None

"""What surrounds every answer of the server."""

from __future__ import annotations

from starlette.middleware import Middleware

from nfm.server.cookie import WorkspaceCookie
from nfm.server.headers import SecurityHeaders, security_headers
from nfm.server.keyboard import keyboard_script
from nfm.server.origin import ForeignOrigins
from nfm.server.root import RootAddress, root_script


def middleware() -> list[Middleware]:
    """Return the middleware of `st.App`, the outermost first."""
    script = root_script() + keyboard_script()
    return [
        Middleware(SecurityHeaders, headers=security_headers(script)),
        Middleware(ForeignOrigins),
        Middleware(WorkspaceCookie),
        Middleware(RootAddress, script=script),
    ]

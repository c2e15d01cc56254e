"""A minimal OpenID Connect provider on 127.0.0.1, and the secrets of an app that uses it.

Everybody may sign in by choosing a name; there are no passwords. It checks what a real provider
checks: the client, the redirect address, the code (once) and the PKCE verifier.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "nfm-lab", "the client's secret"
ACCOUNTS = {"ann": "Ann *Bold*", "ben": "Ben"}


@dataclass
class Provider:
    """A running provider: its address, its key, and the codes that it has given out."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def tokens(self, form: dict[str, str]) -> dict[str, object] | None:
        """Exchange a code for tokens; None if the request is not right."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": asked["account"],
            "aud": CLIENT,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 600,
            "name": ACCOUNTS[asked["account"]],
            # Both have one address: it does not tell them apart.
            "email": "shared@example.org",
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        access = secrets.token_hex(16)
        return {"access_token": access, "token_type": "Bearer", "id_token": token}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.provider.requests.append(address.path)
        if address.path == "/.well-known/openid-configuration":
            self._json(self.provider.metadata())
        elif address.path == "/keys":
            self._json(KeySet([self.provider.key]).as_dict(private=False))
        elif address.path == "/authorize" and query.get("client_id") == CLIENT:
            links = [
                f'<p><a href="/approve?{urlencode(query | {"account": one})}">{one}</a></p>'
                for one in ACCOUNTS
            ]
            refuse = urlencode({"error": "access_denied", "state": query["state"]})
            links.append(f'<p><a href="{query["redirect_uri"]}?{refuse}">refuse</a></p>')
            self._answer(200, "text/html", f"<h1>Provider</h1>{''.join(links)}".encode())
        elif address.path == "/approve":
            code = secrets.token_hex(16)
            self.provider.codes[code] = query
            back = urlencode({"code": code, "state": query["state"]})
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self._answer(204, "text/plain", b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.provider.requests.append(self.path)
        client = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        known = self.headers["Authorization"] == f"Basic {client}"
        tokens = self.provider.tokens(form) if known and self.path == "/token" else None
        self._json({"error": "invalid_grant"} if tokens is None else tokens, tokens is not None)

    def _json(self, value: object, fine: bool = True) -> None:
        self._answer(200 if fine else 400, "application/json", json.dumps(value).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Start a provider on a free port, and end it."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield handler.provider
    finally:
        server.shutdown()
        server.server_close()


def sign_in_variables(folder: Path, issuer: str) -> dict[str, str]:
    """Write secrets.toml for an app that uses a provider, and return the app's variables."""
    home = folder / "home"
    (home / ".streamlit").mkdir(parents=True, exist_ok=True)
    section = {
        "redirect_uri": "http://127.0.0.1:{port}/oauth2callback",
        "cookie_secret": "0123456789" * 4,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "server_metadata_url": f"{issuer}/.well-known/openid-configuration",
    }
    lines = ["[auth]", *(f"{name} = {json.dumps(value)}" for name, value in section.items())]
    (home / ".streamlit" / "secrets.toml").write_text("\n".join(lines))
    return {"HOME": str(home), "NFM_SIGN_IN": "1"}

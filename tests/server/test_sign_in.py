"""Requests where sign-in is on: files of sessions, failed attempts, other hosts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.responses import PlainTextResponse, RedirectResponse
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from nfm.server.sign_in import SignIn
from nfm.ui.sign_in import FAILED
from tests.server.test_app import TRAP, App, started
from tests.sign_in_provider import running_provider, sign_in_variables

FILES = ["/media/0123.csv", "/lab/media/0123.csv", "/_stcore/upload_file/session/file"]
PUBLIC = ["/", "/train", "/_stcore/health", "/static/media/font.woff2", "/media.html"]


@pytest.fixture
def files(ask, monkeypatch: pytest.MonkeyPatch):
    """Ask a server that has files, where sign-in is on."""
    monkeypatch.setenv("NFM_SIGN_IN", "1")
    application = SignIn(PlainTextResponse("file"))
    return lambda *arguments, **keywords: ask(application, *arguments, **keywords)


def cookie(secret: str) -> dict[str, str]:
    signed = create_signed_value(secret, USER_COOKIE_NAME, json.dumps({"is_logged_in": True}))
    return {"cookie": f"{USER_COOKIE_NAME}={signed.decode()}"}


@pytest.mark.parametrize("path", FILES)
def test_files_of_a_session_are_for_those_who_have_signed_in(files, path: str):
    assert files(path, method="PUT" if "upload" in path else "GET").status == 401
    assert files(path, headers={"cookie": f"{USER_COOKIE_NAME}=forged"}).status == 401
    assert files(path, headers=cookie("another secret")).status == 401
    assert files(path, headers=cookie(get_cookie_secret())).body == b"file"


@pytest.mark.parametrize("path", PUBLIC)
def test_the_empty_app_is_answered_to_everyone(files, path: str):
    assert files(path).body == b"file"


def test_without_the_setting_files_are_answered_as_before(files, monkeypatch):
    monkeypatch.setenv("NFM_SIGN_IN", "0")
    assert all(files(path).body == b"file" for path in FILES)


@pytest.mark.parametrize(
    ("path", "query", "answer"),
    [
        ("/auth/login", "", PlainTextResponse("Authentication error", status_code=400)),
        ("/oauth2callback", "state=1&code=2", RedirectResponse("/")),
        ("/oauth2callback", "error=access_denied", RedirectResponse("/")),
    ],
)
@pytest.mark.parametrize("base", ["", "/lab"])
def test_a_failed_attempt_leads_to_the_page_that_says_so(
    ask, monkeypatch, path: str, query: str, answer, base: str
):
    monkeypatch.setenv("NFM_SIGN_IN", "1")

    async def with_query(scope, receive, send):
        await SignIn(answer)({**scope, "query_string": query.encode()}, receive, send)

    response = ask(with_query, base + path)
    assert response.status == 302
    assert response.headers["location"] == f"{base}/?{FAILED}"


def test_a_return_from_signing_out_is_no_failed_attempt(ask, monkeypatch):
    monkeypatch.setenv("NFM_SIGN_IN", "1")
    assert ask(SignIn(RedirectResponse("/")), "/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize("encrypted", [True, False])
def test_the_cookie_of_an_account_stays_on_https(ask, monkeypatch, encrypted: bool):
    monkeypatch.setenv("NFM_SIGN_IN", "1")
    answer = RedirectResponse("/")
    answer.set_cookie(USER_COOKIE_NAME, "signed", httponly=True)
    answer.set_cookie(f"{USER_COOKIE_NAME}_tokens", "signed", httponly=True)
    headers = {"x-forwarded-proto": "https"} if encrypted else {}
    cookies = ask(SignIn(answer), "/oauth2callback", headers=headers).headers.getlist("set-cookie")
    assert len(cookies) == 2
    assert all(("; Secure" in one) == encrypted for one in cookies)


def login_path() -> str:
    """The address that Streamlit sends a browser to that wants to sign in."""
    claims = {"provider": "default", "exp": int(time.time()) + 100}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("0123456789" * 4))
    return f"/auth/login?provider={token}"


@pytest.fixture(scope="module")
def trapped(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[App, Path]]:
    """An app whose provider is on another host, with a trap for every connection."""
    folder = tmp_path_factory.mktemp("closed")
    (folder / "sitecustomize.py").write_text(TRAP)
    caught = folder / "caught"
    variables = sign_in_variables(folder, "https://login.example")
    trap = {"PYTHONPATH": str(folder), "TRAP": str(caught)}
    with started(repository, folder, "127.0.0.1", **variables, **trap) as app:
        yield app, caught


@pytest.mark.slow
def test_the_server_connects_to_the_provider_when_somebody_signs_in_and_not_before(trapped):
    app, caught = trapped
    for path in ("/", "/train", "/_stcore/host-config", "/oauth2callback", "/auth/login"):
        for headers in ({}, {"Accept": "text/html"}):
            app.get(path, **headers)
    for path in FILES[:1]:
        with pytest.raises(HTTPError) as refused:
            app.get(path)
        assert refused.value.code == 401
    assert not caught.exists()
    answer = app.get(login_path())
    assert answer.url == f"{app.url}/?{FAILED}"
    hosts = {line.split()[1] for line in caught.read_text().splitlines()}
    assert hosts == {"login.example"}


def test_a_provider_that_responds_gets_the_browser(repository: Path, tmp_path: Path):
    with running_provider() as provider:
        variables = sign_in_variables(tmp_path, provider.issuer)
        with started(repository, tmp_path, "127.0.0.1", **variables) as app:
            assert app.get(login_path()).url.startswith(f"{provider.issuer}/authorize?")

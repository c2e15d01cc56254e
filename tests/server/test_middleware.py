from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from nfm.server.middleware import (
    OriginCheck,
    PageScript,
    PrivateResponses,
    UploadLimit,
    WorkspaceCookie,
    server_address_script,
    uploaded_bytes,
)
from nfm.ui.state.services import COOKIE, SECURE_COOKIE

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TOKEN = "A" * 42 + "-"


@pytest.fixture
def visit(ask):
    """Ask a server that has nothing but the cookie."""
    application = WorkspaceCookie(PlainTextResponse("page"))
    return lambda *arguments, **keywords: ask(application, *arguments, **keywords)


def test_a_new_browser_gets_a_token_that_scripts_and_other_sites_cannot_use(visit):
    cookie = visit("/train", headers=PAGE).cookie(COOKIE)
    assert len(cookie.value) == 43
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert int(cookie["max-age"]) == 365 * 24 * 3600
    assert not cookie["secure"]
    assert not cookie["domain"]


def test_two_browsers_get_different_tokens(visit):
    tokens = set()
    for _ in range(10):
        tokens.add(visit("/", headers=PAGE).cookie(COOKIE).value)
    assert len(tokens) == 10


def test_a_browser_keeps_its_token_for_another_year(visit):
    response = visit("/", headers={**PAGE, "cookie": f"other=1; {COOKIE}={TOKEN}"})
    assert response.cookie(COOKIE).value == TOKEN


@pytest.mark.parametrize("token", ["", "short", "A" * 44, "A" * 42 + "!", '"; Path=/evil; x="'])
def test_what_is_no_token_is_replaced(visit, token: str):
    response = visit("/", headers={**PAGE, "cookie": f"{COOKIE}={token}"})
    value = response.cookie(COOKIE).value
    assert len(value) == 43
    assert value != token


@pytest.mark.parametrize("accept", ["*/*", "image/avif,image/webp", "application/json"])
def test_scripts_and_pictures_carry_no_cookie(visit, accept: str):
    response = visit("/static/js/index.js", headers={"accept": accept})
    assert response.cookie(COOKIE) is None
    assert response.body == b"page"


@pytest.mark.parametrize("path", ["/static/js/index.js", "/media/a.html", "/_stcore/health"])
def test_no_file_carries_a_cookie_even_if_a_page_is_asked_for(visit, path: str):
    for place in (path, f"/lab{path}"):
        assert "set-cookie" not in visit(place, headers=PAGE).headers


def test_over_https_the_cookie_stays_on_https(visit):
    cookie = visit("/", headers=PAGE, scheme="https").cookie(SECURE_COOKIE)
    assert cookie["secure"] is True
    assert cookie["path"] == "/"
    assert not cookie["domain"]


def test_over_https_a_former_cookie_is_kept_under_the_new_name(visit):
    headers = {**PAGE, "cookie": f"{COOKIE}={TOKEN}"}
    new, former = visit("/", headers=headers, scheme="https").headers.getlist("set-cookie")
    assert new.startswith(f"__Host-nfm_workspace={TOKEN}; Max-Age=31536000;")
    assert former.startswith("nfm_workspace=; Max-Age=0;")


def test_a_cookie_that_another_host_can_set_does_not_replace_the_protected_one(visit):
    headers = {**PAGE, "cookie": f"{COOKIE}={'B' * 43}; {SECURE_COOKIE}={TOKEN}"}
    assert visit("/", headers=headers, scheme="https").cookie(SECURE_COOKIE).value == TOKEN


def test_behind_a_proxy_that_speaks_https_the_cookie_stays_on_https(visit):
    response = visit("/", headers={**PAGE, "x-forwarded-proto": "https"})
    assert response.cookie(SECURE_COOKIE)["secure"] is True


@pytest.mark.parametrize("path", ["/media/abc.csv", "/lab/media/abc.csv"])
def test_files_of_a_session_stay_out_of_every_cache(ask, path: str):
    answer = ask(
        PrivateResponses(PlainTextResponse("x", headers={"Cache-Control": "public"})), path
    )
    assert answer.headers.getlist("cache-control") == ["private, no-store"]


def test_other_answers_may_be_cached(ask):
    application = PrivateResponses(PlainTextResponse("x", headers={"Cache-Control": "public"}))
    assert ask(application, "/static/a.js").headers["cache-control"] == "public"
    assert ask(application, "/static/media/a.woff2").headers["cache-control"] == "public"


def test_metrics_are_answered_only_if_they_are_turned_on(ask, monkeypatch):
    monkeypatch.delenv("NFM_METRICS", raising=False)
    behind = PlainTextResponse("memory")
    assert ask(PrivateResponses(behind), "/_stcore/metrics").status == 404
    assert ask(PrivateResponses(behind), "/lab/_stcore/metrics").status == 404
    monkeypatch.setenv("NFM_METRICS", "1")
    assert ask(PrivateResponses(behind), "/_stcore/metrics").body == b"memory"


UPLOAD = "/_stcore/upload_file/tab/one"


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        (UPLOAD, "40", 200),
        (UPLOAD, "41", 413),
        (f"/lab{UPLOAD}", "41", 413),
        (UPLOAD, "", 413),
        (UPLOAD, "-1", 413),
        ("/_stcore/upload_file/other/one", "100", 200),
        ("/train", "1000", 200),
    ],
)
def test_a_session_keeps_a_limited_number_of_bytes(ask, path: str, size: str, status: int):
    held = {"tab": 60}
    limited = UploadLimit(PlainTextResponse("kept"), 100, lambda session: held.get(session, 0))
    answer = ask(limited, path, {"content-length": size} if size else {}, method="PUT")
    assert answer.status == status
    assert ask(limited, path, {"content-length": size}, method="DELETE").status == 200


def test_the_files_that_streamlit_keeps_for_a_session_are_counted(monkeypatch):
    manager = MemoryUploadedFileManager("/upload")
    for session, name, size in (("tab", "a", 30), ("tab", "b", 12), ("other", "a", 5)):
        manager.add_file(session, UploadedFileRec(name, "t.csv", "text/csv", b"x" * size))
    runtime = SimpleNamespace(uploaded_file_mgr=manager)
    monkeypatch.setattr(Runtime, "exists", lambda: True)
    monkeypatch.setattr(Runtime, "instance", lambda: runtime)
    assert uploaded_bytes("tab") == 42
    assert uploaded_bytes("none") == 0
    assert "none" not in manager.file_storage


def test_uploads_that_arrive_at_the_same_time_count_together(ask):
    statuses: list[int] = []
    header = {"content-length": "60"}

    async def slow(scope, receive, send) -> None:
        if not statuses:  # while the first one arrives, another is sent
            statuses.append(0)
            other = await asyncio.to_thread(ask, limited, UPLOAD, header, method="PUT")
            statuses[0] = other.status
        await PlainTextResponse("kept")(scope, receive, send)

    limited = UploadLimit(slow, 100, lambda session: 0)
    assert ask(limited, UPLOAD, header, method="PUT").status == 200
    assert statuses == [413]
    assert ask(limited, UPLOAD, header, method="PUT").status == 200


OWN = ["http://testserver", "https://TestServer"]
FOREIGN = [
    "https://evil.example",
    "http://testserver.evil.example",
    "http://testserver:8502",
    "null",
    "",
    "http://[",
    "testserver",
]


@pytest.fixture
def visit_from(ask):
    """Send a request with an origin to a server that answers "page"."""
    application = OriginCheck(PlainTextResponse("page"))
    return lambda **headers: ask(application, "/", headers=headers)


def test_a_typed_address_has_no_origin_and_is_answered(visit_from):
    assert visit_from().body == b"page"


@pytest.mark.parametrize("origin", OWN)
def test_pages_of_this_server_are_answered(visit_from, origin: str):
    assert visit_from(origin=origin).status == 200


def test_the_name_of_the_proxy_is_an_own_one(visit_from):
    headers = {"origin": "https://lab.example.org", "x-forwarded-host": "lab.example.org"}
    assert visit_from(**headers).status == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_pages_of_other_sites_are_refused_in_a_sentence(visit_from, origin: str):
    answer = visit_from(origin=origin)
    assert answer.status == 403
    assert b"another site" in answer.body
    assert "access-control-allow-origin" not in answer.headers


def shake_hands(origin: str) -> tuple[list[dict], list[str]]:
    """Ask for a WebSocket; return what was sent, and the kinds of scope that came through."""
    sent: list[dict] = []
    reached: list[str] = []

    async def behind(scope, receive, send) -> None:
        reached.append(scope["type"])

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "headers": [(b"host", b"testserver"), (b"origin", origin.encode())],
    }
    asyncio.run(OriginCheck(behind)(scope, receive, send))
    return sent, reached


@pytest.mark.parametrize("origin", FOREIGN)
def test_handshakes_of_other_sites_never_reach_streamlit(origin: str):
    sent, reached = shake_hands(origin)
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert reached == []


@pytest.mark.parametrize("origin", OWN)
def test_own_handshakes_reach_streamlit(origin: str):
    assert shake_hands(origin) == ([], ["websocket"])


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("testserver", "https://TestServer"),
        ("127.0.0.1:8501", "https://lab.example.org"),
        ("testserver", "http://testserver"),
    ],
)
def test_streamlit_sees_the_host_of_an_own_origin_and_looks_up_nothing(host: str, origin: str):
    reached: list[Headers] = []

    async def behind(scope, receive, send) -> None:
        reached.append(Headers(scope=scope))

    headers = [(b"origin", origin.encode()), (b"host", host.encode())]
    headers.append((b"x-forwarded-host", b"lab.example.org"))
    scope = {"type": "websocket", "headers": headers}
    asyncio.run(OriginCheck(behind)(scope, None, None))
    assert reached[0].getlist("host") == [origin.split("//")[1]]


HTML = "<!doctype html><html><head><title>é</title></head><body><head></body></html>"


FOR_A_PAGE = {"accept": "text/html,*/*"}


def test_script_and_style_are_the_first_of_the_page(ask: Callable):
    response = ask(PageScript(HTMLResponse(HTML), "first()", "p {}"), "/train", FOR_A_PAGE)
    page = response.body.decode()
    inserted = "<head><script>first()</script><style>p {}</style>"
    assert page == HTML.replace("<head>", inserted, 1)
    assert int(response.headers["content-length"]) == len(response.body)


def test_other_answers_stay_as_they_are(ask: Callable):
    for answer in (PlainTextResponse("<head>"), HTMLResponse("<head>", status_code=404)):
        assert ask(PageScript(answer, "first()", ""), "/", FOR_A_PAGE).body == b"<head>"
    assert ask(PageScript(HTMLResponse("<head>"), "first()", "")).body == b"<head>"


def test_the_page_is_asked_for_whole_and_uncompressed(ask: Callable):
    asked: list[Headers] = []

    async def answer(scope, receive, send) -> None:
        asked.append(Headers(scope=scope))
        await Response("x")(scope, receive, send)

    ask(PageScript(answer, "first()", ""), "/", {**FOR_A_PAGE, "accept-encoding": "gzip", "x": "y"})
    assert "accept-encoding" not in asked[0]
    assert asked[0]["x"] == "y"


def test_every_page_is_known_to_the_script():
    for name in ("data", "train", "predict", "evaluate", "interactions", "learn"):
        assert f'"{name}"' in server_address_script()

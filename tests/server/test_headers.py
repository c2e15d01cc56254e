from __future__ import annotations

import base64
import hashlib

from starlette.responses import PlainTextResponse

from nfm.server.headers import (
    SecurityHeaders,
    content_security_policy,
    inline_scripts,
    security_headers,
)


def rules(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in map(str.split, policy.split(";"))}


def test_only_scripts_that_stand_in_the_page_are_found():
    page = """
      <!-- <script>not("me")</script> -->
      <script>
        first()
      </script>
      <script type="module" src="./static/index.js"></script>
      <style>body { color: red }</style>
      <script>second("a < b && c")</script>
    """
    assert [script.strip() for script in inline_scripts(page)] == [
        "first()",
        'second("a < b && c")',
    ]


def test_a_script_of_the_page_is_allowed_by_its_hash():
    script = "\n  window.ready = false\n"
    policy = rules(content_security_policy(f"<html><script>{script}</script></html>"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'", f"'sha256-{digest}'"]


def test_nothing_comes_from_elsewhere_and_no_text_becomes_a_script():
    policy = rules(security_headers()["Content-Security-Policy"])
    assert policy["default-src"] == ["'self'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'self'"]
    for name, sources in policy.items():
        for source in sources:
            assert source.startswith("'") or source in ("data:", "blob:"), (name, source)
    assert not {"'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"} & set(policy["script-src"])


def test_every_answer_has_the_headers_once(ask):
    careless = PlainTextResponse("page", headers={"Referrer-Policy": "unsafe-url"})
    response = ask(SecurityHeaders(careless, {"Referrer-Policy": "same-origin", "X-New": "1"}))
    assert response.headers.getlist("referrer-policy") == ["same-origin"]
    assert response.headers["x-new"] == "1"
    assert (response.status, response.body) == (200, b"page")

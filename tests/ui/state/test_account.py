"""The settings of signing in, and which workspace belongs to which account."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from nfm.errors import SettingsError, SignedOutError
from nfm.ui.state import account, services

SECTION = {
    "redirect_uri": "https://lab.example.org/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "lab",
    "client_secret": "secret",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}
USER = {"is_logged_in": True, "iss": "https://a.example", "sub": "1", "email": "ann@example.org"}


@pytest.fixture
def section(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The section [auth], which a test may change."""
    values: dict[str, object] = dict(SECTION)
    monkeypatch.setattr(account, "get_secrets_auth_section", lambda: values)
    return values


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch):
    """Set who uses the session, and what cookies the browser has."""
    monkeypatch.setenv("NFM_SIGN_IN", "1")

    def use(user: dict[str, object], **cookies: str) -> str:
        monkeypatch.setattr(account, "st", SimpleNamespace(user=user))
        context = SimpleNamespace(cookies=cookies)
        state = {"services.workspace": "of the session"}
        monkeypatch.setattr(services, "st", SimpleNamespace(context=context, session_state=state))
        return services.workspace()

    return use


def test_complete_settings_are_accepted(section):
    account.check_settings()
    section["server_metadata_url"] = "http://127.0.0.1:8000/.well-known/openid-configuration"
    account.check_settings()


@pytest.mark.parametrize("key", SECTION)
@pytest.mark.parametrize("value", [None, "", 5])
def test_a_missing_setting_is_named(section, key: str, value: object):
    section[key] = value
    with pytest.raises(SettingsError, match=rf"\[auth\] in secrets\.toml lacks '{key}'") as refused:
        account.check_settings()
    assert "docs/how_to/sign_in.md" in str(refused.value)
    assert "secret'" not in str(refused.value).replace("_secret'", "")


def test_a_missing_section_is_said_with_all_that_it_needs(section):
    section.clear()
    with pytest.raises(SettingsError) as refused:
        account.check_settings()
    assert all(key in str(refused.value) for key in SECTION)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("redirect_uri", "https://lab.example.org/", "must end in /oauth2callback"),
        ("cookie_secret", "short", "at least 32 random characters"),
        ("server_metadata_url", "http://login.example.org/", "must begin with https"),
    ],
)
def test_an_unsafe_setting_is_refused(section, key: str, value: str, said: str):
    section[key] = value
    with pytest.raises(SettingsError, match=said):
        account.check_settings()


def test_a_file_that_is_not_toml_is_said_without_its_text(monkeypatch):
    def fail() -> None:
        raise ValueError("client_secret = hidden")

    monkeypatch.setattr(account, "get_secrets_auth_section", fail)
    with pytest.raises(SettingsError, match=r"secrets\.toml is not valid TOML") as refused:
        account.check_settings()
    assert "hidden" not in str(refused.value)


def test_packages_that_are_not_installed_are_named(section, monkeypatch):
    monkeypatch.setattr(account, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="not installed: authlib, httpx"):
        account.check_settings()


def test_a_workspace_belongs_to_issuer_and_subject(use):
    mine = use(USER)
    assert use(USER | {"email": "new@example.org", "name": "Ann"}) == mine
    assert use(USER, nfm_workspace="t" * 43) == mine
    others = [
        USER | {"sub": "2"},
        USER | {"iss": "https://b.example"},
        USER | {"iss": "https://a.example1", "sub": "x"},
    ]
    assert len({mine, *map(use, others)}) == 4


@pytest.mark.parametrize(
    "user",
    [
        {},
        {"is_logged_in": False},
        {"email": "ann@example.org"},
        USER | {"is_logged_in": False},
        USER | {"is_logged_in": "no"},
        USER | {"sub": ""},
        {name: value for name, value in USER.items() if name != "iss"},
    ],
)
def test_nobody_else_has_a_workspace(use, user):
    with pytest.raises(SignedOutError):
        use(user, nfm_workspace="t" * 43)
    assert account.needs_sign_in()


def test_no_cookie_can_name_the_workspace_of_an_account(use, monkeypatch):
    mine = use(USER)
    monkeypatch.setenv("NFM_SIGN_IN", "0")
    assert use({}, nfm_workspace=mine) == "of the session"
    assert use({}, nfm_workspace="t" * 43) == "t" * 43
    assert not account.needs_sign_in()

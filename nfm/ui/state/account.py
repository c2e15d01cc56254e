"""Optional sign-in with an OpenID Connect provider: its settings, and the account of a session."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from urllib.parse import urlsplit

import streamlit as st
from streamlit.auth_util import get_secrets_auth_section

from nfm.environment import environment
from nfm.errors import SettingsError, SignedOutError
from nfm.text import quoted

_PACKAGES = ("authlib", "httpx")
_KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_SECRET_LENGTH = 32
_HELP = "See docs/how_to/sign_in.md."


def check_settings() -> None:
    """Check what signing in needs; it does not connect to the provider.

    Raises:
        SettingsError: If a package is not installed, or the section [auth] of secrets.toml is
            missing, incomplete or not safe.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"NFM_SIGN_IN=1 needs packages that are not installed: {', '.join(missing)}. {_HELP}"
        )
    try:
        section = get_secrets_auth_section()
    except Exception as error:
        # Streamlit raises errors of several kinds; their text may quote the file, and so secrets.
        raise SettingsError(
            f"NFM_SIGN_IN=1, but secrets.toml is not valid TOML. {_HELP}"
        ) from error
    missing = [key for key in _KEYS if not (isinstance(section.get(key), str) and section[key])]
    if missing:
        raise SettingsError(
            f"NFM_SIGN_IN=1, but [auth] in secrets.toml lacks {quoted(missing)}. {_HELP}"
        )
    if not section["redirect_uri"].endswith("/oauth2callback"):
        raise SettingsError(f"redirect_uri in secrets.toml must end in /oauth2callback. {_HELP}")
    if len(section["cookie_secret"]) < _SECRET_LENGTH:
        # Somebody who guesses it can sign in as anybody.
        raise SettingsError(
            f"cookie_secret in secrets.toml must have at least {_SECRET_LENGTH} random "
            f"characters. {_HELP}"
        )
    address = urlsplit(section["server_metadata_url"])
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SettingsError(f"server_metadata_url in secrets.toml must begin with https. {_HELP}")


def needs_sign_in() -> bool:
    """Return whether this session may see nothing before its user has signed in."""
    return environment().sign_in and not _is_signed_in()


def _is_signed_in() -> bool:
    user = st.user
    claims = (user.get("iss"), user.get("sub"))
    return user.get("is_logged_in") is True and all(isinstance(one, str) and one for one in claims)


def account_workspace() -> str:
    """Return the workspace of the account that is signed in.

    Issuer and subject identify an account for ever; an e-mail address may pass to somebody else.

    Returns:
        A token that no cookie can contain: one in a cookie has no colon.

    Raises:
        SignedOutError: If nobody is signed in.
    """
    if not _is_signed_in():
        raise SignedOutError("You are signed out. Reload the page to sign in.")
    account = json.dumps([st.user["iss"], st.user["sub"]])
    return f"account:{hashlib.sha256(account.encode()).hexdigest()}"


def account_name() -> str:
    """Return the name of the account for display, which need not be unique."""
    return str(st.user.get("name") or st.user.get("email") or "Your account")

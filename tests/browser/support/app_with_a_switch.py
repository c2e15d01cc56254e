"""The app, whose database does not respond while the file "away" is in the data folder."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY))

import streamlit as st  # noqa: E402
from sqlalchemy import Engine, event  # noqa: E402
from sqlalchemy.exc import OperationalError  # noqa: E402

from nfm.environment import environment  # noqa: E402
from nfm.server import lifespan, middleware, on_script_error  # noqa: E402


@event.listens_for(Engine, "begin")
def _refuse(_connection: Any) -> None:
    if (environment().data_directory / "away").exists():
        raise OperationalError("BEGIN", None, sqlite3.OperationalError("disk I/O error"))


app = st.App(
    str(REPOSITORY / "nfm" / "ui" / "shell.py"),
    lifespan=lifespan,
    middleware=middleware(),
    on_script_error=on_script_error,
)

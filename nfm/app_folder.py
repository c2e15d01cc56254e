"""Where the app's files are: app.py, pages, sample data and the server's configuration."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "app_files"

# A wheel has these files in nfm/app_files, a checkout in its root (pyproject.toml).
IS_INSTALLED = _INSTALLED.is_dir()
APP_FOLDER = _INSTALLED if IS_INSTALLED else _PACKAGE.parent
SHELL = _PACKAGE / "ui" / "shell.py"  # the script that Streamlit runs for every page

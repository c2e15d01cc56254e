"""Find the browser that the tests drive, and install one where there is none.

    python scripts/browser.py             # print its path; nothing when there is none
    python scripts/browser.py --install   # first make sure that there is one

An installed Chromium or Chrome is taken first, then Debian's package, then Playwright's
own download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser() -> str | None:
    """Return the path of an installed Chromium or Chrome, or of Playwright's own, or None."""
    for name in NAMES:
        if (path := shutil.which(name)) and _starts(path, "--version"):
            return path
    if not _driver_starts():
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def ensure_browser() -> str | None:
    """Return a browser's path, installing one where there is none; None where that failed."""
    if not _driver_starts():
        # Playwright's own Node.js needs a library that the smallest Debian does not have.
        _install_from_debian("libatomic1")
    if path := find_browser():
        return path
    print("No Chromium or Chrome here: installing one for the browser tests.", file=sys.stderr)
    if _install_from_debian("chromium", "fonts-dejavu-core") and (path := find_browser()):
        return path
    _starts(sys.executable, "-m", "playwright", "install", "chromium", seconds=900)
    return find_browser()


def _driver_starts() -> bool:
    """Tell whether the program that Playwright steers browsers with runs here."""
    return _starts(sys.executable, "-m", "playwright", "--version")


def _starts(*command: str, seconds: float = 60) -> bool:
    """Tell whether a program runs and succeeds: Ubuntu's chromium-browser may be an empty shell."""
    try:
        return subprocess.run(command, capture_output=True, timeout=seconds).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install_from_debian(*packages: str) -> bool:
    """Install Debian's packages; tell whether that worked."""
    if not shutil.which("apt-get"):
        return False
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and not shutil.which("sudo"):
        return False
    apt_get = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*apt_get, "update"], stdout=subprocess.DEVNULL)
    command = [*apt_get, "install", "-y", "--no-install-recommends", *packages]
    return subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0


def main() -> int:
    """Print the browser's path; with --install, fail with a sentence where there is none."""
    if "--install" not in sys.argv[1:]:
        print(find_browser() or "")
        return 0
    if path := ensure_browser():
        print(f"Browser for the tests: {path}")
        return 0
    print(
        "The browser tests need Chromium or Chrome, and none could be installed. "
        "Install one by hand, for instance: apt-get install chromium libatomic1",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())

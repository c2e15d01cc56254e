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
        if (path := shutil.which(name)) and _starts(path):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _starts(path: str) -> bool:
    """Tell whether the program runs at all: Ubuntu's chromium-browser may be an empty shell."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install_from_debian() -> bool:
    """Install Debian's package; tell whether that worked."""
    if not shutil.which("apt-get"):
        return False
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and not shutil.which("sudo"):
        return False
    environment = [*root, "env", "DEBIAN_FRONTEND=noninteractive"]
    subprocess.run([*environment, "apt-get", "update", "-qq"], stdout=subprocess.DEVNULL)
    command = [*environment, "apt-get", "install", "-qq", "-y", "--no-install-recommends"]
    done = subprocess.run([*command, "chromium", "fonts-dejavu-core"], stdout=subprocess.DEVNULL)
    return done.returncode == 0


def _install_from_playwright() -> bool:
    """Let Playwright download its own Chromium; tell whether that worked."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, stdout=sys.stderr).returncode == 0


def ensure_browser() -> str | None:
    """Return a browser's path, installing one where there is none; None where that failed."""
    if path := find_browser():
        return path
    print("No Chromium or Chrome here: installing one for the browser tests.", file=sys.stderr)
    for install in (_install_from_debian, _install_from_playwright):
        if install() and (path := find_browser()):
            return path
    return None


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
        "Install one by hand, for instance: apt-get install chromium",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""Look up the installed packages in a database of advisories: `make audit`.

Ends with 1 if a package has a known vulnerability. Where the database cannot be reached, it says so
and ends with 0: nothing was audited, and nothing else can be done there.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

DATABASE = "api.osv.dev"
_SECONDS = 5.0
_MOST_SECONDS = 300.0
_COMMAND = (
    *(sys.executable, "-m", "pip_audit", "--local", "--skip-editable"),
    *("--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off"),
)


def main(database: str = DATABASE, port: int = 443, command: Sequence[str] = _COMMAND) -> int:
    """Audit the packages of this environment, and print the result.

    Args:
        database: Host of the database.
        port: Its port.
        command: What prints pip-audit's report as JSON.

    Returns:
        The exit status: 0 or 1.
    """
    try:
        socket.create_connection((database, port), timeout=_SECONDS).close()
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False
        )
        packages = json.loads(ran.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        print(
            f"Dependencies were NOT audited: the advisories at {database} cannot be reached "
            f"({type(error).__name__}). Run `make audit` where they can."
        )
        return 0
    found = [line for package in packages for line in _advisories(package)]
    skipped = sum("skip_reason" in package for package in packages)
    print(f"Audited {len(packages) - skipped} packages, {skipped} could not be looked up.")
    for line in found:
        print(line)
    return 1 if found else 0


def _advisories(package: dict[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {advisory['id']}, fixed in "
        f"{', '.join(advisory['fix_versions']) or 'no version yet'}"
        for advisory in package.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main())

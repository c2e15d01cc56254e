"""`make run` and `make test` on machines that lack something."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
# A stand-in for Python: writes down what it was asked, and answers by its folder's files.
STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >>"$MACHINE/calls"
make_environment() { mkdir -p .venv/bin && cp "$0" .venv/bin/python; }
case "$*" in
    *version_info*) [ ! -e "$MACHINE/no-suitable-version" ] ;;
    '-m venv'*) [ ! -e "$MACHINE/no-venv" ] && make_environment ;;
    '-m virtualenv'*) [ ! -e "$MACHINE/no-virtualenv" ] && make_environment ;;
    *'install'*) [ ! -e "$MACHINE/no-network" ] ;;
    --version) echo Python 3.12.0 ;;
esac
"""


class Machine:
    """A folder with the scripts, and a PATH with a stand-in for Python and little else."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "programs"
        self.calls = self.programs / "calls"
        self.programs.mkdir()
        shutil.copytree(REPOSITORY / "scripts", self.checkout / "scripts")
        for name in ("requirements.txt", "requirements-dev.txt", "Makefile"):
            shutil.copy(REPOSITORY / name, self.checkout)
        for name in ("sh", "dirname", "basename", "cat", "cp", "cmp", "mkdir", "rm", "id"):
            (self.programs / name).symlink_to(shutil.which(name))
        self.add_python("python3")

    def add_python(self, name: str) -> None:
        """Put a stand-in for Python on the PATH."""
        program = self.programs / name
        program.write_text(STAND_IN)
        program.chmod(0o755)

    def lacks(self, what: str) -> None:
        """Take something away: "suitable-version", "venv", "virtualenv" or "network"."""
        (self.programs / f"no-{what}").touch()

    def prepare(self, requirements: str = "requirements.txt") -> subprocess.CompletedProcess:
        """Run what both commands run first; `calls` then holds what Python was asked."""
        self.calls.write_text("")
        return subprocess.run(
            ["sh", "scripts/environment.sh", requirements],
            cwd=self.checkout,
            env={"PATH": str(self.programs), "MACHINE": str(self.programs)},
            capture_output=True,
            text=True,
        )

    def installed(self) -> list[str]:
        """The requirements files that the last call installed."""
        lines = self.calls.read_text().splitlines()
        return [line.split()[-1] for line in lines if " -r " in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_requirements_are_installed_once(machine: Machine):
    assert machine.prepare().returncode == 0
    assert machine.installed() == ["requirements.txt"]
    assert machine.prepare().returncode == 0
    assert machine.installed() == []


def test_changed_requirements_are_installed_again(machine: Machine):
    machine.prepare()
    with (machine.checkout / "requirements.txt").open("a") as file:
        file.write("another>=1\n")
    machine.prepare()
    assert machine.installed() == ["requirements.txt"]


def test_after_the_tests_the_app_needs_nothing_more(machine: Machine):
    machine.prepare("requirements-dev.txt")
    machine.prepare("requirements.txt")
    assert machine.installed() == []


def test_a_changed_requirement_of_the_app_reaches_the_tests(machine: Machine):
    machine.prepare("requirements-dev.txt")
    with (machine.checkout / "requirements.txt").open("a") as file:
        file.write("another>=1\n")
    machine.prepare("requirements-dev.txt")
    assert machine.installed() == ["requirements-dev.txt"]


def test_an_interrupted_installation_is_taken_up_again(machine: Machine):
    machine.lacks("network")
    assert machine.prepare().returncode != 0
    machine.programs.joinpath("no-network").unlink()
    assert machine.prepare().returncode == 0
    assert machine.installed() == ["requirements.txt"]


def test_no_python_that_fits_is_said_in_a_sentence(machine: Machine):
    machine.lacks("suitable-version")
    result = machine.prepare()
    assert result.returncode != 0
    assert "NFM Lab needs Python 3.11, 3.12 or 3.13" in result.stderr
    assert "is missing, or of another version" in result.stderr
    assert not (machine.checkout / ".venv").exists()


def test_a_python_that_does_not_run_is_passed_over(machine: Machine):
    (machine.programs / "python3").write_text("#!/bin/sh\necho command not found >&2\nexit 127\n")
    machine.add_python("python3.12")
    assert machine.prepare().returncode == 0
    assert "python3.12 -m venv .venv" in machine.calls.read_text()


def test_virtualenv_helps_where_venv_is_missing(machine: Machine):
    machine.lacks("venv")
    assert machine.prepare().returncode == 0
    assert machine.installed() == ["requirements.txt"]


def test_no_way_to_make_an_environment_is_said_with_the_package_to_install(machine: Machine):
    machine.lacks("venv")
    machine.lacks("virtualenv")
    result = machine.prepare()
    assert result.returncode != 0
    assert "apt-get install python3-venv" in result.stderr
    assert not (machine.checkout / ".venv").exists()


def test_debian_s_missing_package_is_installed_for_root(machine: Machine):
    machine.lacks("venv")
    machine.lacks("virtualenv")
    (machine.programs / "id").unlink()
    for name, body in {
        "id": "echo 0",
        "env": 'shift; exec "$@"',
        "apt-get": f'echo "apt-get $*" >>"$MACHINE/calls"; rm -f {machine.programs}/no-venv',
    }.items():
        (machine.programs / name).write_text(f"#!/bin/sh\n{body}\n")
        (machine.programs / name).chmod(0o755)
    assert machine.prepare().returncode == 0
    assert "-y python" in machine.calls.read_text()


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("::1", "::1"),
        ("x86_64-conda-linux-gnu", "127.0.0.1"),
    ],
)
def test_the_app_listens_on_this_machine_unless_an_address_is_given(given: str, address: str):
    environment = {**os.environ, "HOST": given, "PORT": "9000"}
    if not given:
        del environment["HOST"]
    shown = subprocess.run(
        ["make", "--dry-run", "run"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    ).stdout
    assert f"--server.port 9000 --server.address {address}\n" in shown

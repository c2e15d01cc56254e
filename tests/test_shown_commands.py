"""Every command that README and docs show exists, with the options that they show."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
# What tests/test_command_line.py and tests/test_wheel.py run as they stand.
RUN_ELSEWHERE = ("nfm train", "nfm predict", "nfm evaluate", "nfm app", "pip wheel", "pip install")


def commands(text: str) -> list[str]:
    """Return the commands of indented and fenced blocks and of inline code."""
    fenced = re.findall(r"```sh\n(.*?)```", text, re.S)
    plain = re.sub(r"```.*?```", "", text, flags=re.S)
    lines = [line for block in fenced for line in block.splitlines()]
    lines += re.findall(r"^ {4}((?:make |python3? |nfm |pip |sh |\.venv/bin/).*)$", plain, re.M)
    lines += [
        " ".join(code.split())
        for code in re.findall(r"`((?:make|python3? -m|python scripts/|pip|nfm) [^`]+)`", plain)
    ]
    return [line.partition("  #")[0].strip() for line in lines if line.strip()]


SHOWN = sorted({command for page in PAGES for command in commands(page.read_text())})


@cache
def help_of(module: str) -> str:
    words = [sys.executable, "-m", module, "--help"]
    result = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_commands_are_found():
    assert {"make run", "make test", "nfm app"} <= set(SHOWN)
    assert any(command.startswith("python -m benchmarks.") for command in SHOWN)


@pytest.mark.parametrize("command", SHOWN)
def test_the_command_exists(command: str):
    if command.startswith(RUN_ELSEWHERE):
        return
    for part in command.split(" && "):
        words = [word for word in shlex.split(part) if word != "..."]
        program = words[0]
        if program == "make":
            result = subprocess.run(
                ["make", "--dry-run", *words[1:]], cwd=REPOSITORY, capture_output=True, text=True
            )
            assert result.returncode == 0, result.stderr
        elif words[1:3] == ["-m", "venv"] or words[-1].endswith("bin/activate"):
            continue
        elif program.startswith("python") and words[1] == "-m":
            module, options = words[2], [word for word in words[3:] if word.startswith("--")]
            file = REPOSITORY / (module.replace(".", "/") + ".py")
            assert file.exists() or module == "nfm", module
            if options:
                assert [one for one in options if one not in help_of(module)] == []
        elif program.startswith((".venv/bin/python", "python")):
            assert (REPOSITORY / words[1]).exists(), words[1]
        elif program.startswith(".venv/bin/"):
            name = program.removeprefix(".venv/bin/")
            assert shutil.which(name, path=str(Path(sys.executable).parent)), name
        else:
            pytest.fail(f"No test knows this command: {command}")

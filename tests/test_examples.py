"""The examples in the README, in docs/ and in docstrings run, and print what they say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

import nfm
import nfm.model

REPOSITORY = Path(__file__).resolve().parent.parent
MODULES_WITH_EXAMPLES = sorted(
    ".".join(file.relative_to(REPOSITORY).with_suffix("").parts)
    for file in (REPOSITORY / "nfm").rglob("*.py")
    if ">>> " in file.read_text()
)
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[str]:
    """Return what runs together: each block by itself, those of a tutorial one after the other."""
    found = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    return ["\n".join(found)] if page.parent.name == "tutorial" and found else found


EXAMPLES_ON_PAGES = [
    pytest.param(example, id=f"{page.name}-{number}")
    for page in PAGES
    for number, example in enumerate(blocks(page), 1)
]
# Public names that need no example of their own.
WITHOUT_EXAMPLE = {
    "nfm.PRESETS",  # a dict
    "nfm.model.Network",  # made by `build_network`, which has one
}
PUBLIC_NAMES = [
    f"{package.__name__}.{name}" for package in (nfm, nfm.model) for name in package.__all__
]


@pytest.mark.parametrize("name", MODULES_WITH_EXAMPLES)
def test_examples_in_docstrings_print_what_they_say(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(REPOSITORY)  # the examples read data/titanic.csv
    failed, tried = doctest.testmod(import_module(name))
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize("name", [one for one in PUBLIC_NAMES if one not in WITHOUT_EXAMPLE])
def test_every_public_function_and_class_has_an_example(name: str):
    package, _, attribute = name.rpartition(".")
    public = getattr(import_module(package), attribute)
    assert doctest.DocTestParser().get_examples(public.__doc__ or "")


@pytest.mark.parametrize("example", EXAMPLES_ON_PAGES)
def test_examples_on_pages_run(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "data").symlink_to(REPOSITORY / "data")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "example", "exec"), {"__name__": "example"})

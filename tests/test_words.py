"""Words that only this project used, and patterns that no native speaker writes, stay out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
# Pattern (any case, within a line) to what to write instead.
PATTERNS = {
    r"\bobedien(ce|t)\b": "run control",
    r"\bTurns\(|\bclass Turns\b": "TimeSlicedLock",
    r"(Data[Ss]et|Run)Shelf|\bshel(f|ves)\b": "repository",
    r"\bluggage": "export",
    r"\btend(s|ed|ing)?\b(?! to)": "ensure_running, or keep running",
    r"\bwhoever\b|\bwhosoever\b": "the one that, or a direct subject",
    r"(?<!there )\b(is|are) no (?!longer\b|more\b|fewer\b|such\b)": "isn't a, aren't",
    r"\b(one|two|row|column|line|entry|bar|curve|split|file) an? "
    r"(column|row|epoch|file|page|split|level|class|field|run|passenger)\b": "one per column",
    r"\bby heart\b": "memorise, overfit",
    r"\bc(o|a)mes? true\b": "observed",
    r"\b(was|were|been) told\b": "has the same settings; was given",
    r"\bLikewise:": "the whole sentence",
    r"\bwalls\b": "import contract",
    r"\brooms\b|\bone room\b": "package",
    r"\bthe house\b|\bhouse rules?\b": "the package, the checkout",
    r"\bc(o|a)mes? to grief\b": "fails",
    r"\b(dis)?honest": "calibrated",
    r"\bstands? back\b": "yields, has a lower priority",
    r"\bstumbl": "fails",
    r"\bobey": "apply commands",
    r"\blets? go( of)?\b": "close, release",
    r"\btak(e|es|en) (them |it )?apart\b": "split up, explain",
    r"\bsilenced\b": "drop, dropped",
    r"\bsa(id|ys?) yes\b": "predicted positive",
    r"\b(rightly|wrongly) (yes|no)\b": "true positives, false negatives",
    r"\bputs? .{0,30}into words\b": "write the message",
    r"\bof then\b|\bof yore\b": "of that version",
    r"\bnetwork cards?\b": "network interface",
    r"\b(read|divided?|change|written|stays?|done|kept|works?|goes|is|are) so[.,:;\"]": "like this",
    r"\bgoes one way\b|\bone-way street\b": "imports only point down",
    r"\bwants? to be\b": "should be",
    r"\bwished?(es)?\b": "preferred, requested",
    r"\bsteered\b": "changed by hand",
    r"\bthe model says\b": "predicted, the prediction",
    r"\bfor people who (do|can)( not|not) see\b": "for screen readers",
    r"[0-9}] %(?= [a-z]|[\"'.,:;)<]|$)": "82%, without a space",
}
# Pattern, file and words: meant literally.
EXCEPTIONS: tuple[tuple[str, str, str], ...] = ()
# Patterns that are still in nfm/; to be emptied.
PENDING: tuple[str, ...] = (
    r"(?<!there )\b(is|are) no (?!longer\b|more\b|fewer\b|such\b)",
    r"\btak(e|es|en) (them |it )?apart\b",
)

WRITTEN = ("*.md", "*.py", "*.toml", "*.js", "*.css", "Makefile", "*.sh", "*.txt")
FOLDERS = ("docs", "pages", "scripts", "data", ".streamlit", ".ci", "examples", "nfm")


def pages_and_docs() -> list[Path]:
    """Return all files whose words people read: pages, docs and scripts, and the package."""
    found = [REPOSITORY / "app.py", REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
    found += [REPOSITORY / "Makefile", REPOSITORY / "pyproject.toml"]
    for folder in FOLDERS:
        for pattern in WRITTEN:
            found += sorted((REPOSITORY / folder).rglob(pattern))
    return found


def places(pattern: str) -> list[str]:
    """Return "file:line: text" wherever the pattern occurs, listed exceptions left out."""
    found = []
    for file in pages_and_docs():
        name = file.relative_to(REPOSITORY).as_posix()
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if not re.search(pattern, line, re.IGNORECASE):
                continue
            if any(
                one == pattern and path == name and words in line for one, path, words in EXCEPTIONS
            ):
                continue
            found.append(f"{name}:{number}: {line.strip()}")
    return found


@pytest.mark.parametrize("pattern", PATTERNS)
def test_private_words_do_not_come_back(pattern: str):
    found = places(pattern)
    if pattern in PENDING:
        found = [one for one in found if not one.startswith("nfm/")]
    assert found == [], f"write instead: {PATTERNS[pattern]}"


def test_the_lists_name_patterns_that_exist():
    listed = {*PENDING, *(pattern for pattern, _, _ in EXCEPTIONS)}
    assert listed - PATTERNS.keys() == set()


def test_every_exception_is_still_needed():
    unneeded = [
        (path, words)
        for pattern, path, words in EXCEPTIONS
        if not any(
            words in line and re.search(pattern, line, re.IGNORECASE)
            for line in (REPOSITORY / path).read_text().splitlines()
        )
    ]
    assert unneeded == []


@pytest.mark.parametrize(
    "sentence",
    [
        "A file that is no table.",
        "It draws one bar a column.",
        "A learning rate that is no number.",
        "The net learns rows by heart.",
        "Likewise: of the others.",
        "The file was not read so, and nothing changed.",
        "class Obedience:",
    ],
)
def test_a_sentence_of_the_old_kind_is_found(sentence: str):
    assert any(re.search(pattern, sentence, re.IGNORECASE) for pattern in PATTERNS)


@pytest.mark.parametrize(
    "sentence",
    [
        "There is no such run.",
        "The class is no longer known.",
        "Wall time since training began, in seconds.",
        "Losses tend to fall.",
    ],
)
def test_plain_sentences_pass(sentence: str):
    assert not any(re.search(pattern, sentence, re.IGNORECASE) for pattern in PATTERNS)

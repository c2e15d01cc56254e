"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nfm.version import __version__

REPOSITORY = Path(__file__).resolve().parent.parent
THEMES = ("light", "dark")
README = (REPOSITORY / "README.md").read_text()


@pytest.mark.slow
def test_the_example_runs_and_the_bundle_answers_as_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "data").symlink_to(REPOSITORY / "data")
    (tmp_path / "example.py").write_text(re.search(r"```python\n(.*?)```", README, re.S)[1])
    monkeypatch.chdir(tmp_path)

    names = runpy.run_path("example.py")

    expected = names["model"].predict_proba(names["passengers"])
    answered = names["load_bundle"]("titanic.nfm").predict_proba(names["passengers"])
    assert expected.shape == (891, 2)
    np.testing.assert_allclose(answered, expected, atol=1e-5)


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


def test_its_plain_lines_are_what_make_does():
    makefile = (REPOSITORY / "Makefile").read_text()
    assert "streamlit run app.py --server.port 8501 --server.address 127.0.0.1" in README
    assert "streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)" in makefile
    for step in ("ruff check", "ruff format --check", "mypy", "lint-imports", "pytest"):
        assert step in README
        assert step in makefile


def test_every_variable_that_the_code_reads_is_named_in_it():
    files = [*(REPOSITORY / "nfm").rglob("*.py"), REPOSITORY / "Makefile"]
    read = {name for file in files for name in re.findall(r"\bNFM_[A-Z_]+\b", file.read_text())}
    assert {name for name in read if f"`{name}`" not in README} == set()


def test_its_pictures_exist_in_both_themes_and_are_small():
    shown = re.findall(r'(?:srcset|src)="([^"]+)"', README)
    pictures = sorted((REPOSITORY / "docs" / "pictures").glob("*.webp"))
    assert {f"docs/pictures/{picture.name}" for picture in pictures} == set(shown)
    themes = {theme: [p for p in shown if p.endswith(f"-{theme}.webp")] for theme in THEMES}
    assert len(themes["light"]) == len(themes["dark"]) == len(shown) / 2
    assert sum(picture.stat().st_size for picture in pictures) < 4_000_000
    for theme in THEMES:
        moving = REPOSITORY / "docs" / "pictures" / f"training-{theme}.webp"
        assert moving.stat().st_size <= 2_000_000
        with Image.open(moving) as image:
            assert image.n_frames > 10


def test_its_first_screen_has_a_sentence_a_moving_picture_and_one_command():
    first = README.partition("## ")[0]
    assert re.search(r"# NFM Lab\n\n[^\n]*Neural Factorization Machines[^\n]*\n\n<picture>", first)
    assert re.findall(r"^ {4}(\S.*)$", first, re.M) == ["make run"]


def test_its_comparison_has_at_most_ten_rows():
    table = README.partition("## Compared with")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert 5 <= len(rows) <= 10
    assert {row.count(" | ") for row in rows} == {5}


def test_its_benchmarks_are_those_of_the_docs():
    section = README.partition("## How good is it?")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if "±" in line and line.startswith("| ")]
    assert len(rows) == 10
    page = (REPOSITORY / "docs" / "explanation" / "benchmarks.md").read_text()
    assert [row for row in rows if row.removesuffix("|") not in page] == []


def test_the_release_has_one_version_and_one_date():
    citation = (REPOSITORY / "CITATION.cff").read_text()
    date = re.search(r"^date-released: (\S+)$", citation, re.M)[1]
    assert re.search(r"^version: (\S+)$", citation, re.M)[1] == __version__
    assert f"## [{__version__}] - {date}\n" in (REPOSITORY / "CHANGELOG.md").read_text()

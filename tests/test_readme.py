"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
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

"""What a button does is done in its callback, which is called for every click."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = sorted([*(REPOSITORY / "nfm" / "ui").rglob("*.py"), *(REPOSITORY / "pages").glob("*.py")])


def used_answers(code: str) -> list[int]:
    """Return the lines where it matters what `button` returns."""
    tree = ast.parse(code)
    ignored = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "button"
        and id(node) not in ignored
    ]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_depends_on_what_a_button_returns(path: Path):
    # A drawing of the page that is cut short before the button would lose the click.
    assert used_answers(path.read_text()) == []


def test_use_of_a_buttons_answer_is_found():
    assert used_answers("st.button('a')\nif place.button('b'):\n    pass\n") == [2]

"""Write the table of settings in docs/reference/python.md from the declarations in nfm/settings.py.

    python -m scripts.settings_table

The tests fail while the page differs from the declarations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nfm.settings import Settings, setting_info

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "reference" / "python.md"
START, END = "<!-- settings -->\n", "<!-- end of settings -->\n"


def settings_table() -> str:
    """Return the table, a row per setting: name, default, what is allowed, meaning."""
    lines = ["| setting | default | allowed | meaning |", "|---|---|---|---|"]
    for name in Settings.model_fields:
        info = setting_info(name)
        cells = (f"`{name}`", f"`{info.default!r}`", _allowed(name), str(info.description))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def with_table(text: str) -> str:
    """Return the text of the page with today's table between its two marks."""
    before, rest = text.split(START)
    return before + START + settings_table() + END + rest.split(END)[1]


def _allowed(name: str) -> str:
    schema = Settings.model_json_schema()["properties"][name]
    kinds: list[dict[str, Any]] = schema.get("anyOf", [schema])
    return " or ".join(_allowed_kind(kind) for kind in kinds)


def _allowed_kind(schema: dict[str, Any]) -> str:
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices:
        return ", ".join(f"`{choice!r}`" for choice in choices)
    if schema["type"] == "array":
        units = _allowed_kind(schema["items"])
        return f"up to {schema['maxItems']} numbers, each {units}"
    if schema["type"] in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        bound = "above" if "exclusiveMinimum" in schema else "from"
        whole = "whole, " if schema["type"] == "integer" else ""
        return f"{whole}{bound} {low:,.10g} to {schema['maximum']:,.10g}"
    return {"boolean": "`True`, `False`", "null": "`None`"}[schema["type"]]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))

"""The form of a file's reading options: what was detected, and how to change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from nfm.column_formats.missing_words import MISSING_WORDS
from nfm.errors import NFMError, ReadingError
from nfm.files.options import DELIMITERS, ENCODINGS, ReadingOptions
from nfm.ui.components import problems
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation
from nfm.ui.texts import DECIMAL_NAMES

FORM = "reading"
_SECTION = "reading_form"
_DELIMITER_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "vertical bar |",
    " ": "spaces",
}
_HEADER_NAMES = {True: "names the columns", False: "contains data"}
_QUOTE_NAMES = {'"': 'double "', "'": "single '", "": "none"}
_ESCAPE_NAMES = {"": 'doubled ""', "\\": 'after a backslash \\"'}
_HEADER_ROW_NAMES = {1: "one", 2: "two, joined"}
_INDEX_NAMES = {True: "left out", False: "kept as a column"}
_DETECT = "detect"

Read = Callable[[ReadingOptions], None]


def show(
    owner: str,
    options: ReadingOptions,
    read: Read,
    offered: tuple[str, ...],
    sheets: tuple[str, ...] = (),
) -> None:
    """Draw the options of a file; every change reads the file again at once.

    Values are passed to the widgets, not set in the session state: what is set while an
    expander or a popover is closed does not reach the browser.

    Args:
        owner: Identifies the file, so that its widgets have keys of their own.
        options: The options that were used; None is shown as "detect".
        read: Reads the file with other options and stores the table; it may raise an `NFMError`.
        offered: Names of the options that matter for this file format.
        sheets: Names of the workbook's sheets; empty for other formats.
    """
    problems.show(_SECTION, stays=True)

    def take(name: str, key: str) -> None:
        if is_gone(key):
            return
        value: Any = st.session_state[key]
        if name == "missing":
            value = tuple(dict.fromkeys(("", *value)))
        problems.forget(_SECTION)
        with problems.catch(_SECTION, "The file could not be read that way; nothing was changed. "):
            try:
                read(options.changed(**{name: value}))
            except NFMError:
                raise
            except ValueError as error:
                raise ReadingError("This value is not possible.") from error
        new_generation(FORM)

    def common(name: str) -> dict[str, Any]:
        key = form_key(FORM, f"{name}.{owner}")
        return {"key": key, "on_change": take, "args": (name, key)}

    def choice(
        label: str, name: str, values: list[Any], names: dict[Any, str], **more: Any
    ) -> None:
        if name not in offered:
            return
        current = getattr(options, name)
        if current not in values:
            values = [*values, current]
        values = [None, *(each for each in values if each is not None)]
        st.selectbox(
            label,
            values,
            index=None if current is None else values.index(current),
            placeholder=_DETECT,
            format_func=lambda each: _DETECT if each is None else names.get(each, str(each)),
            **common(name),
            **more,
        )

    def switch(label: str, name: str) -> None:
        if name in offered:
            st.toggle(label, getattr(options, name), **common(name))

    with st.grid(4, min_column_width=170):
        choice("Encoding", "encoding", list(ENCODINGS), {})
        choice(
            "Delimiter",
            "delimiter",
            list(DELIMITERS),
            _DELIMITER_NAMES,
            accept_new_options=True,
            help="The character between two cells. You can type any other single character.",
        )
        choice("Decimal mark", "decimal", list(DECIMAL_NAMES), DECIMAL_NAMES)
        choice("Sheet", "sheet", list(sheets), {})
        choice("First line", "has_header", [True, False], _HEADER_NAMES)
        if options.has_header:
            choice("Header rows", "header_rows", [1, 2], _HEADER_ROW_NAMES)
        if "skip_lines" in offered:
            st.number_input(
                "Lines to skip",
                min_value=0,
                step=1,
                value=options.skip_lines,
                placeholder=_DETECT,
                help="Lines before the table, such as titles or remarks.",
                **common("skip_lines"),
            )
        choice("Quotes", "quote", list(_QUOTE_NAMES), _QUOTE_NAMES)
        choice("Quotes inside quotes", "escape", list(_ESCAPE_NAMES), _ESCAPE_NAMES)
        choice(
            "Saved row numbers",
            "leave_out_index",
            [True, False],
            _INDEX_NAMES,
            help="The index that pandas writes as first columns without a name.",
        )
    if "missing" in offered:
        words = MISSING_WORDS if options.missing is None else options.missing
        marks = [word for word in words if word]
        st.multiselect(
            "Words that mean a missing value, besides empty cells",
            list(dict.fromkeys((*marks, *(mark for mark in MISSING_WORDS if mark)))),
            marks,
            accept_new_options=True,
            wrap=False,
            **common("missing"),
        )
    switch("Leave out broken lines", "leave_out_broken_lines")
    switch("Read a sample of the rows if there are too many", "sample_rows")
    st.button(
        "Detect everything again",
        key=form_key(FORM, f"again.{owner}"),
        on_click=_detect_again,
        args=(read,),
    )


def _detect_again(read: Read) -> None:
    problems.forget(_SECTION)
    with problems.catch(_SECTION):
        read(ReadingOptions())
    new_generation(FORM)

"""How a file is read: what was found out, and how to change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from nfm.errors import NFMError
from nfm.tabular.formats.missing_words import MISSING_WORDS
from nfm.tabular.options import DELIMITERS, ENCODINGS, ReadingOptions
from nfm.ui.escaping import literal
from nfm.ui.generations import form_key, renew

FORM = "reading"
_PROBLEM = "reading_form.problem"
_DELIMITER_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar |",
    " ": "spaces",
}
_DECIMAL_NAMES = {".": "point: 3.5", ",": "comma: 3,5"}
_HEADER_NAMES = {True: "names the columns", False: "is a row like the others"}
_QUOTE_NAMES = {'"': 'double "', "'": "single '", "": "none"}
_DETECT = "find out"

Read = Callable[[ReadingOptions], None]


def show(
    owner: str,
    options: ReadingOptions,
    read: Read,
    *,
    text: bool = True,
    sheets: tuple[str, ...] = (),
) -> None:
    """Draw the options of a file; a change reads the file anew at once.

    Values are given to the widgets, not set in the session's state: what is set while an
    expander or a popover is closed does not reach the browser.

    Args:
        owner: Tells this file's widgets from another's.
        options: As they were used; None in them is shown as "find out".
        read: Reads the file with other options and keeps what comes of it.
        text: Whether it is delimited text; else an Excel workbook.
        sheets: Names of the workbook's sheets.
    """
    if problem := st.session_state.get(_PROBLEM):
        st.error(problem, icon=":material/error:")

    def take(name: str, key: str) -> None:
        value: Any = st.session_state[key]
        if name == "missing":
            value = tuple(dict.fromkeys(("", *value)))
        st.session_state.pop(_PROBLEM, None)
        try:
            read(options.changed(**{name: value}))
        except (NFMError, ValueError) as error:
            st.session_state[_PROBLEM] = (
                "The file was not read so, and all stays as it was. "
                + literal(error if isinstance(error, NFMError) else "The option is not possible.")
            )
        renew(FORM)

    def common(name: str) -> dict[str, Any]:
        key = form_key(FORM, f"{name}.{owner}")
        return {"key": key, "on_change": take, "args": (name, key)}

    def choice(
        label: str, name: str, offered: list[Any], names: dict[Any, str], **more: Any
    ) -> None:
        current = getattr(options, name)
        if current not in offered:
            offered = [*offered, current]
        offered = [None, *(each for each in offered if each is not None)]
        st.selectbox(
            label,
            offered,
            index=None if current is None else offered.index(current),
            placeholder=_DETECT,
            format_func=lambda each: _DETECT if each is None else names.get(each, str(each)),
            **common(name),
            **more,
        )

    with st.grid(4, min_column_width=170):
        if text:
            choice("Encoding", "encoding", list(ENCODINGS), {})
            choice(
                "Delimiter",
                "delimiter",
                list(DELIMITERS),
                _DELIMITER_NAMES,
                accept_new_options=True,
                help="What stands between two cells. Any other single character can be typed.",
            )
            choice("Decimal mark", "decimal", [".", ","], _DECIMAL_NAMES)
        else:
            choice("Sheet", "sheet", list(sheets), {})
        choice("First line", "has_header", [True, False], _HEADER_NAMES)
        st.number_input(
            "Lines to skip",
            min_value=0,
            step=1,
            value=options.skip_lines,
            placeholder=_DETECT,
            help="Lines of titles or remarks before the table.",
            **common("skip_lines"),
        )
        if text:
            choice("Quotes", "quote", list(_QUOTE_NAMES), _QUOTE_NAMES)
    words = MISSING_WORDS if options.missing is None else options.missing
    marks = [word for word in words if word]
    st.multiselect(
        "Cells that mean a missing value, besides empty ones",
        list(dict.fromkeys((*marks, *(mark for mark in MISSING_WORDS if mark)))),
        marks,
        accept_new_options=True,
        wrap=False,
        **common("missing"),
    )
    if text:
        st.toggle(
            "Leave out lines with too many cells",
            options.leave_out_broken_lines,
            **common("leave_out_broken_lines"),
        )
        st.toggle(
            "Read a sample of the rows where there are too many",
            options.sample_rows,
            **common("sample_rows"),
        )
    if st.button("Find out everything again", key=form_key(FORM, f"again.{owner}")):
        st.session_state.pop(_PROBLEM, None)
        try:
            read(ReadingOptions())
        except NFMError as error:
            st.session_state[_PROBLEM] = literal(error)
        renew(FORM)
        st.rerun()

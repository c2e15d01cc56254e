"""Why the model says what it says about a row."""

from __future__ import annotations

import streamlit as st

from nfm.figures.waterfall import (
    describe_waterfall,
    waterfall,
    waterfall_height,
    waterfall_steps,
)
from nfm.inference.explanation.own_terms import OwnTerms, own_terms
from nfm.inference.explanation.shapley import Explanation, explain
from nfm.ui.escaping import literal
from nfm.ui.predict.asked import Asked
from nfm.ui.words import short_number

_PAIRS = 5
_TWELVE_DECIMALS = 5e-13


def show(asked: Asked) -> None:
    """Draw the waterfall, its check, the strongest pairs and a factorization machine's terms."""
    background, row = asked.background, asked.row
    if background is None:
        return
    explanation = explain(background, row)
    output, axis = asked.output, asked.axis
    st.header(
        f"Why {axis.text(float(explanation.answer[output]))}, and not the average of "
        f"{axis.text(float(explanation.average[output]))}?",
        anchor=False,
    )
    chart, words = st.columns([3, 2], gap="large")
    chart.echarts_chart(
        waterfall(explanation, axis, output, asked.wording),
        key="waterfall",
        height=waterfall_height(explanation),
        alt=describe_waterfall(waterfall_steps(explanation, axis, output, asked.wording)),
    )
    with words:
        st.markdown(check_sentence(explanation, asked))
        pairs = pair_sentences(explanation, asked)
        if pairs:
            st.markdown(
                "**Columns that act together**, and what each pair adds beyond its two columns "
                "taken singly. The bars already contain these effects:"
            )
            st.markdown("\n".join(f"- {pair}" for pair in pairs))
        st.caption(
            f"{literal(explanation.description)} It explains the model, not the world: what adds "
            "to the answer need not be a cause."
        )
    terms = own_terms(background, row)
    if terms is not None:
        _show_terms(terms, asked)


def check_sentence(explanation: Explanation, asked: Asked) -> str:
    """Say that the parts add up, with their sum."""
    axis, output = asked.axis, asked.output
    total = float(explanation.contributions[:, output].sum())
    unit = " points" if axis.unit else ""
    if explanation.error < _TWELVE_DECIMALS:
        check = "Sum and answer agree to twelve decimals."
    else:
        error = f"{explanation.error:.0e}".replace("-", "\N{NON-BREAKING HYPHEN}")
        check = f"Sum and answer differ by {error}."
    return (
        f"**The sum holds:** {axis.text(float(explanation.average[output]))} on average, "
        f"{axis.change(total)}{unit} by the columns of this {literal(asked.wording.row)}, makes "
        f"{axis.text(float(explanation.answer[output]))}. {check}"
    )


def pair_sentences(explanation: Explanation, asked: Asked) -> list[str]:
    """Describe the strongest pairs of columns, those that are not zero to the last digit."""
    axis, wording = asked.axis, asked.wording
    unit = " points" if axis.unit else ""
    found = []
    for first, second, value in explanation.strongest_pairs(asked.output, _PAIRS):
        change = axis.change(value)
        if change.strip("+-0.") == "":
            continue
        names = [
            f"{literal(wording.column(explanation.columns[place]))} = "
            f"{literal(wording.level(explanation.columns[place], explanation.texts[place])[:30])}"
            for place in (first, second)
        ]
        found.append(f"{names[0]} with {names[1]}: {change}{unit}")
    return found


def _show_terms(terms: OwnTerms, asked: Asked) -> None:
    """List the sum that the model itself computes."""
    output, wording = asked.output, asked.wording
    unit = {"binary": "log odds", "multiclass": "score", "regression": "standardised value"}
    with st.expander("The model's own sum"):
        st.markdown(
            "This model has no network behind the pairs, so its "
            f"{unit[asked.bundle.target.task]} is a plain sum of these terms:"
        )
        rows = [("Bias", float(terms.bias[output]))]
        rows += [
            (f"{wording.column(column)}", float(value))
            for column, value in zip(terms.columns, terms.linear[:, output], strict=True)
        ]
        rows += [
            (
                f"{wording.column(terms.columns[first])} × {wording.column(terms.columns[second])}",
                value,
            )
            for first, second, value in terms.strongest_pairs(output, len(terms.columns) ** 2)
            if value != 0
        ]
        st.dataframe(
            {"Term": [name for name, _ in rows], "Adds": [value for _, value in rows]},
            hide_index=True,
            column_config={"Adds": st.column_config.NumberColumn(format="%.4f")},
            alt="Terms of the model's sum",
        )
        st.markdown(f"Total: **{short_number(float(terms.total[output]))}**")

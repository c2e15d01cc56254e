"""Why the model predicts this for a row: its Shapley values and the terms of an FM."""

from __future__ import annotations

import streamlit as st

from nfm.explanation.forward_trace import FMTerms, fm_terms
from nfm.explanation.pair_strengths import largest_pairs
from nfm.explanation.shapley import Explanation, explain
from nfm.figures.number_format import fixed, number, with_unit
from nfm.figures.waterfall import (
    WaterfallBar,
    describe_waterfall,
    waterfall,
    waterfall_height,
    waterfall_steps,
)
from nfm.ui.components.figure_view import show_chart
from nfm.ui.escaping import inline, literal
from nfm.ui.predict.prediction_request import PredictionRequest

_PAIRS = 5
_TWELVE_DECIMALS = 5e-13


def show(request: PredictionRequest) -> None:
    """Draw the waterfall, its sum, the strongest pairs and the terms of an FM."""
    reference, row = request.reference, request.row
    explanation = explain(reference, row)
    axis = request.axis
    steps = waterfall_steps(explanation, axis, request.output, request.wording)
    st.header(
        f"Why {inline(steps[-1].text)}, and not the average of {inline(steps[0].text)}?",
        anchor=False,
    )
    chart, words = st.columns([3, 2], gap="large")
    show_chart(
        waterfall(steps, axis),
        key="waterfall",
        height=waterfall_height(steps),
        alt=describe_waterfall(steps),
        reading="From the average at the top to this prediction at the bottom; each bar is what "
        "one column adds (blue) or takes away (orange).",
        place=chart,
    )
    with words:
        st.markdown(check_sentence(explanation, request, steps))
        pairs = pair_sentences(explanation, request)
        if pairs:
            st.markdown(
                "**Interactions**: the effect of each pair beyond its two columns taken "
                "separately. The bars already include these effects:"
            )
            st.markdown("\n".join(f"- {pair}" for pair in pairs))
        st.caption(
            f"{literal(explanation.description)} It explains the model, not the world: a column "
            "that raises the prediction need not be a cause."
        )
    terms = fm_terms(reference, row)
    if terms is not None:
        _show_terms(terms, request)


def check_sentence(
    explanation: Explanation, request: PredictionRequest, steps: list[WaterfallBar]
) -> str:
    """Write the sum of the contributions as the chart prints them (Markdown)."""
    axis = request.axis
    change = steps[-1].rounded - steps[0].rounded
    size = with_unit(fixed(abs(change), steps[0].decimals), axis.difference_unit)
    sentence = (
        f"**The contributions add up:** {inline(steps[0].text)} on average, "
        f"{'minus' if change < 0 else 'plus'} {inline(size)} for this "
        f"{literal(request.wording.row)}'s values: {inline(steps[-1].text)}."
    )
    if explanation.error < _TWELVE_DECIMALS:
        return sentence
    error = number(axis.factor * explanation.error)
    return f"{sentence} The exact sum and the prediction differ by {error}."


def pair_sentences(explanation: Explanation, request: PredictionRequest) -> list[str]:
    """Describe the strongest pairs whose effect does not round to zero (Markdown)."""
    axis, wording = request.axis, request.wording
    found = []
    for first, second, value in largest_pairs(explanation.pairs[..., request.output], _PAIRS):
        change = axis.change(value)
        if not any(digit in change for digit in "123456789"):
            continue
        names = [
            f"{literal(wording.column(column))} = {literal(wording.level(column, text)[:30])}"
            for column, text in (
                (explanation.columns[place], explanation.texts[place]) for place in (first, second)
            )
        ]
        found.append(f"{names[0]} with {names[1]}: {inline(change)}")
    return found


def _show_terms(terms: FMTerms, request: PredictionRequest) -> None:
    """Draw the terms of the model's own sum."""
    output, wording = request.output, request.wording
    unit = {"binary": "log odds", "multiclass": "score", "regression": "standardised value"}
    with st.expander("The model's own sum"):
        st.markdown(
            "This model has no hidden layers above the pairs, so its "
            f"{unit[request.bundle.target.task]} is a plain sum of these terms:"
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
            for first, second, value in largest_pairs(terms.pairs[..., output], terms.pairs.size)
            if value != 0
        ]
        st.dataframe(
            {"Term": [name for name, _ in rows], "Adds": [value for _, value in rows]},
            hide_index=True,
            column_config={"Adds": st.column_config.NumberColumn(format="%.4f")},
            alt="Terms of the model's sum",
        )
        st.markdown(f"Total: **{number(float(terms.total[output]))}**")

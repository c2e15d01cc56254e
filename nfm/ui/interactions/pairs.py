"""Interactions of pairs of columns: their strengths, and one pair level by level."""

from __future__ import annotations

import streamlit as st

from nfm.explanation.pair_importance import JUDGED_PAIRS, helping_pairs
from nfm.explanation.pair_strengths import PairStrengths
from nfm.figures.pair_strengths import level_table, pair_heat_map, pair_network, pair_ranking
from nfm.text import counted
from nfm.ui.components.figure_view import show_figure
from nfm.ui.interactions import model_study
from nfm.ui.interactions.model_study import ModelStudy
from nfm.ui.interactions.texts import coverage, effect_sentence, left_out, pair_name, pairs_caption

_COUNTS = (5, 10, JUDGED_PAIRS)


def show(study: ModelStudy) -> None:
    """Draw the strengths of pairs; the headlines explain why there are none."""
    if not study.has_pairs:
        return
    st.header("Which columns act together?", anchor=False)
    found = model_study.strengths(study)
    st.fragment(_strengths)(study, found)
    st.header("What do two columns do together?", anchor=False)
    st.fragment(_levels)(study, found)


def _strengths(study: ModelStudy, found: PairStrengths) -> None:
    importances = model_study.importances(study)
    significant = helping_pairs(importances)
    if notice := left_out(found):
        st.markdown(notice)
    total = len(found.columns) * (len(found.columns) - 1) // 2
    count = total
    if total > _COUNTS[0]:
        counts = [*(count for count in _COUNTS if count < total), min(total, JUDGED_PAIRS)]
        count = st.segmented_control(
            f"Pairs shown, of {total:,}",
            sorted(set(counts)),
            default=min(10, total),
            required=True,
            key=f"interactions.pairs.{study.run_id}",
            persist_state="session",
        )
    network, bars = st.columns(2, gap="large")
    show_figure(
        pair_network(found, study.output, count, significant),
        key="interactions_network",
        alt=f"Network of the {counted(count, 'strongest pair')} of {len(found.columns)} columns",
        reading="A line joins two columns that act together; the thicker it is, the larger "
        "the mean effect of the pair.",
        place=network,
    )
    show_figure(
        pair_ranking(found, study.output, count, significant),
        key="interactions_ranking",
        alt=f"Strength of the {counted(count, 'strongest pair')}",
        reading="A bar is as long as the pair moves a prediction on average, beyond the effects "
        "of its two columns.",
        place=bars,
    )
    st.caption(pairs_caption(importances, study.evaluation))
    with st.expander("All pairs as a map"):
        show_figure(
            pair_heat_map(found, study.output),
            key="interactions_map",
            alt=f"Strength of all pairs of {len(found.columns)} columns",
            reading="A cell is the pair of its row and column; the darker, the more the two act "
            "together.",
        )


def _levels(study: ModelStudy, found: PairStrengths) -> None:
    first, second = _choose_pair(study, found)
    table = model_study.table(study, first, second)
    st.markdown(effect_sentence(table, study.bundle.target, study.output, study.wording))
    show_figure(
        level_table(table, study.output),
        key="interactions_levels",
        alt=f"What {pair_name(first, second)} do together, level by level",
        reading="Each cell shows what its two values add to the prediction together, beyond what "
        "each adds alone: blue raises it, brown lowers it.",
    )
    st.caption(coverage(table, len(study.reference.frame)))


def _choose_pair(study: ModelStudy, found: PairStrengths) -> tuple[str, str]:
    """Draw the choice of two columns, by default the strongest pair."""
    strongest = found.strongest(study.output, 1)[0]
    columns = list(study.columns)
    left, right = st.columns(2)
    first = left.selectbox(
        "Column",
        columns,
        index=columns.index(strongest[0]),
        key=f"interactions.first.{study.run_id}.{study.output}",
        persist_state="session",
    )
    others = [column for column in columns if column != first]
    # By default, the column with the strongest interaction with the first.
    pairs = [
        pair[:2] for pair in found.strongest(study.output, len(columns) ** 2) if first in pair[:2]
    ]
    partner = next((one if other == first else other for one, other in pairs), others[0])
    second = right.selectbox(
        "With",
        others,
        index=others.index(partner),
        key=f"interactions.second.{study.run_id}.{study.output}.{columns.index(first)}",
        persist_state="session",
    )
    return first, second

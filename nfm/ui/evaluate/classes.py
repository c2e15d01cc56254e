"""Metrics of each class, and the confusion matrix of several classes."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from nfm.evaluation.scores import class_table, confusion_counts, most_confused
from nfm.figures.confusion_matrix import MOST_CLASSES, confusion_matrix
from nfm.text import counted
from nfm.ui.components.figure_view import show_figure
from nfm.ui.escaping import literal
from nfm.ui.evaluate.held_out_rows import HeldOutEvaluation


def show(rows: HeldOutEvaluation) -> None:
    """Draw the confusion matrix beside the metrics of every class."""
    evaluation = rows.evaluation
    names = rows.wording.labels(evaluation.target.class_names)
    st.header("Class by class", anchor=False)
    counts = confusion_counts(evaluation)
    worst = most_confused(counts)
    if worst is None:
        st.markdown("Every row is predicted correctly.")
    else:
        actual, predicted, count = worst
        st.markdown(
            f"The most frequent mistake: **{literal(names[actual])}** is predicted as "
            f"**{literal(names[predicted])}**, in {counted(count, 'row')}."
        )
    matrix, table = st.columns([1, 1], gap="medium")
    show_figure(
        confusion_matrix(counts, names),
        key="evaluate_confusion",
        alt=f"Confusion matrix of {len(names)} classes",
        reading="A cell counts the rows of one actual class (row) with one predicted class "
        "(column). Correct predictions are on the diagonal.",
        place=matrix,
    )
    if len(names) > MOST_CLASSES:
        matrix.caption(f"The {MOST_CLASSES} most frequent of {len(names):,} classes.")
    table.dataframe(
        class_table(evaluation, names),
        hide_index=True,
        height=400 if len(names) > 8 else "content",
        alt="Precision, recall and F1 of every class, and their means",
        column_config={
            "class": st.column_config.TextColumn("Class", width=120),
            "rows": st.column_config.NumberColumn("Rows", format="localized", width=60),
            "precision": _share(
                "Precision", "Of the rows predicted as this class, the share that belong to it."
            ),
            "recall": _share("Recall", "Of the rows of this class, the share that is found."),
            "f1": _share("F1", "Harmonic mean of precision and recall."),
        },
    )


def _share(name: str, meaning: str) -> ColumnConfig:
    return st.column_config.NumberColumn(name, help=meaning, format="percent", width=84)

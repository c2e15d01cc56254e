"""Learn, step 6: the forward pass of one row through the current model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.explanation.forward_trace import ForwardTrace, forward_trace
from nfm.figures.learn_charts import activation_bars
from nfm.figures.number_format import fixed, number
from nfm.figures.vector_heatmap import factor_map
from nfm.inference.bundle import Bundle
from nfm.teaching.card import FigureState
from nfm.text import counted
from nfm.ui.components.figure_view import show_chart
from nfm.ui.components.row_choice import SEARCHABLE_ROWS
from nfm.ui.escaping import inline, literal
from nfm.ui.learn.highlight import part
from nfm.ui.navigation import go_to
from nfm.ui.state import current_model
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.form_fields import form_fields, name_column, row_label, row_values, to_frame

_MOST_FIELDS = 40
_CHART_HEIGHT = 240
# Lower rows than in step 2: the vectors of ten columns and the card fit on one screen.
_HEADING_HEIGHT, _ROW_HEIGHT = 126, 22


def show(name: str, element: str) -> FigureState:
    """Draw one part of the way of a row through the current model.

    Args:
        name: "look_up", "row_vectors", "pooled", "hidden" or "prediction".
        element: What the card is about.

    Returns:
        The chosen row as "row"; nothing without a model.
    """
    model = current_model.current()
    if model is None:
        st.markdown(
            "This step shows the real numbers of your own model, and you have not trained one yet. "
            "Training takes a few seconds; then come back."
        )
        st.button(
            "Train a model",
            type="primary",
            icon=":material/arrow_forward:",
            key="learn_to_train",
            on_click=go_to,
            args=("train",),
        )
        return {}
    try:
        chosen = _choose(model)
        trace = forward_trace(model.bundle, chosen)
    except NFMError as error:
        st.error(literal(error), icon=":material/error:")
        return {}
    output = int(trace.predictions.argmax()) if model.bundle.target.task == "multiclass" else 0
    if name == "look_up":
        _show_fields(trace, output, element)
    elif name == "row_vectors":
        _show_vectors(trace, element)
    elif name == "pooled":
        _show_pool(trace, model.bundle, element)
    elif name == "hidden":
        _show_hidden(trace, element)
    else:
        _show_prediction(trace, model.bundle, output, element)
    return {"row": chosen.index[0]}


def explain() -> None:
    """Draw the longer text of step 6."""
    st.markdown(
        "**1 · Look up.** Each value becomes an id, or a position among the bins of its column. "
        "The model looks up its weight $w_i$ and vector $v_i$.\n\n"
        "**2 · Pool.** The bi-interaction makes one vector of all pairs.\n\n"
        "**3 · Hidden layers.** Each computes $z_l = \\sigma_l(W_l z_{l-1} + b_l)$ from the layer "
        "before; the first one from the pooled pairs.\n\n"
        "**4 · Add up.** The bias, the weights and the network's output are the raw value."
    )
    model = current_model.current()
    if model is not None:
        st.markdown(
            "Every number above is real: the model computes it for this row. "
            + literal(model.title)
        )


def _choose(model: CurrentModel) -> pd.DataFrame:
    """Draw the choice of a row of the table; without a table, return a typical row."""
    bundle, frame = model.bundle, model.frame
    if frame is None:
        fields = form_fields(bundle.encoder)
        return to_frame(fields, [row_values(bundle.encoder, fields, None, 0)])
    key = f"learn_row.{model.run_id}"
    if len(frame) <= SEARCHABLE_ROWS:
        column = name_column(bundle.schema)
        labels = [row_label(frame, column, row) for row in range(len(frame))]
        row = st.selectbox(
            "Row",
            range(len(frame)),
            format_func=labels.__getitem__,
            key=key,
            persist_state="session",
            help="A row of the table. Type to search.",
        )
    else:
        row = st.number_input(
            f"Row (1 to {len(frame):,})", 1, len(frame), key=key, persist_state="session"
        )
        row -= 1
    return frame.iloc[[row]]


def _show_fields(trace: ForwardTrace, output: int, element: str) -> None:
    fields = trace.fields[:_MOST_FIELDS]
    table = pd.DataFrame(
        {
            "Column": [field.name for field in fields],
            "Value": [field.text for field in fields],
            "Looked up": [field.place for field in fields],
            "Weight w": [fixed(float(field.linear[output]), 4) for field in fields],
        }
    )
    # A data frame shows user text as text: no Markdown, no HTML.
    with part("fields", element):
        st.dataframe(
            table, hide_index=True, placeholder="", alt="What is looked up for each column"
        )
    _note_hidden_fields(trace)


def _show_vectors(trace: ForwardTrace, element: str) -> None:
    vectors = [field for field in trace.fields[:_MOST_FIELDS] if field.vector is not None]
    if not vectors:
        st.markdown("This model has no vectors: it adds up the weights alone.")
        return
    matrix = np.stack([field.vector for field in vectors if field.vector is not None])
    with part("vectors", element):
        show_chart(
            factor_map([field.name for field in vectors], matrix, "Vectors: one row per column"),
            key="walk_vectors",
            height=_HEADING_HEIGHT + _ROW_HEIGHT * len(vectors),
            alt=f"{counted(len(vectors), 'vector')} of {counted(matrix.shape[1], 'factor')}, "
            f"from {fixed(float(matrix.min()), 3)} to {fixed(float(matrix.max()), 3)}",
            reading="A row is the vector that the model looked up for this value. Columns of the "
            "same colour in two rows raise what the pair passes on, others lower it.",
        )
    _note_hidden_fields(trace)


def _note_hidden_fields(trace: ForwardTrace) -> None:
    if len(trace.fields) > _MOST_FIELDS:
        st.caption(f"The first {_MOST_FIELDS} of {len(trace.fields)} fields.")


def _show_pool(trace: ForwardTrace, bundle: Bundle, element: str) -> None:
    if trace.pooled is None or trace.square_of_sum is None or trace.sum_of_squares is None:
        st.markdown("This model has no pairs: it adds up the weights alone.")
        return
    constant = (
        " A field that is 1 in every row is pooled too, so that each column also counts by itself."
        if bundle.architecture.has_constant_field
        else ""
    )
    st.markdown(
        f"The bi-interaction makes one vector of all pairs.{constant} Its first factor: "
        f"½ · ({trace.square_of_sum[0]:.4f} − {trace.sum_of_squares[0]:.4f}) = "
        f"**{fixed(float(trace.pooled[0]), 4)}**."
    )
    with part("pooled", element):
        _show_bars(trace.pooled, "The pooled pairs", "Factor", "walk_pooled")
    if trace.normalised is not None:
        st.markdown("After batch norm, using the moving averages from training:")
        _show_bars(trace.normalised, "After batch norm", "Factor", "walk_normalised")
    if trace.beside:
        names = ", ".join(literal(name) for name in trace.beside)
        st.markdown(f"These numbers go into the network beside it: {names}.")


def _show_hidden(trace: ForwardTrace, element: str) -> None:
    if not trace.hidden:
        st.markdown("This model has no hidden layers: it adds the pooled pairs up.")
    for place, layer in enumerate(trace.hidden, start=1):
        source = r"f_{BI}" if place == 1 else f"z_{{{place - 1}}}"
        active = int((layer.after > 0).sum())
        are = "is" if active == 1 else "are"
        of_all = f"{active} of {counted(len(layer.after), 'unit')} {are} active."
        activity = f" {of_all}" if trace.activation == "relu" else ""
        st.markdown(
            f"**Hidden layer {place}.** $z_{{{place}}} = "
            rf"\mathrm{{{trace.activation}}}(W_{{{place}}} {source} + b_{{{place}}})$.{activity}"
        )
        with part("hidden" if place == 1 else f"hidden_{place}", element):
            _show_bars(
                layer.after, f"Output of hidden layer {place}", "Unit", f"walk_hidden_{place}"
            )


def _show_bars(values: np.ndarray, title: str, axis: str, key: str) -> None:
    show_chart(
        activation_bars(values, title, axis),
        key=key,
        height=_CHART_HEIGHT,
        alt=f"{title}: {counted(len(values), 'number')} "
        f"from {fixed(float(values.min()), 3)} to {fixed(float(values.max()), 3)}",
        reading=f"A bar is the value of one {axis.lower()}; without a bar it is 0 and passes "
        "nothing on.",
    )


def _show_prediction(trace: ForwardTrace, bundle: Bundle, output: int, element: str) -> None:
    target = bundle.target
    names = {
        "binary": "the raw value is the log-odds",
        "multiclass": "each class has a raw value; this is the one of the most probable class",
        "regression": "the raw value is the number, in standard deviations from the mean",
    }
    st.markdown(f"In this task {names[target.task]}.")
    parts = {
        "w₀, the bias": trace.bias[output],
        "Σ w, the weights looked up": trace.linear[output],
        "hᵀ z, from the pairs": trace.head[output],
        "Raw value ŷ": trace.logits[output],
    }
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left, part("parts", element):
        st.table(
            pd.DataFrame(
                {"Value": [fixed(float(value), 4, plus=True) for value in parts.values()]},
                index=list(parts),
            )
        )
    prediction, raw = float(trace.predictions[output]), float(trace.logits[output])
    if target.task == "regression":
        unit = bundle.schema.unit
        right.metric(
            f"Predicted {literal(target.name)}", inline(number(prediction, unit)), border=True
        )
        right.latex(rf"{raw:.4f} \cdot {target.scale:.4g} + {target.mean:.4g} = {prediction:.5g}")
        return
    name = bundle.wording.label(target.class_names[output if target.task == "multiclass" else 1])
    right.metric(
        f"Probability of {literal(target.name)} = {literal(name)}",
        f"{100 * prediction:.1f}%",
        border=True,
    )
    if target.task == "binary":
        right.latex(rf"\sigma({raw:.4f}) = \frac{{1}}{{1 + e^{{{-raw:.4f}}}}} = {prediction:.4f}")
    else:
        right.latex(rf"\frac{{e^{{{raw:.4f}}}}}{{\sum_c e^{{\hat y_c}}}} = {prediction:.4f}")

"""One row's way, against the outputs of Keras's layers."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.explanation.forward_trace import forward_trace

ROW = 3
VARIANTS = [
    {},
    {"hidden_units": (7, 5), "activation": "tanh", "bi_batch_norm": True},
    {"hidden_units": (6, 4), "hidden_batch_norm": True, "numeric": "value"},
    {"numeric": "concat", "linear_term": "shared", "activation": "sigmoid"},
    {"hidden_units": (), "numeric": "piecewise"},
    {"interaction": "fm"},
    {"interaction": "fm", "bi_batch_norm": True},
    {"interaction": "linear"},
]


def keras_stages(bundle, row) -> dict[str, np.ndarray]:
    """What the layers of the Keras model give for one row."""
    from keras import ops

    from nfm.model.network import build_network
    from nfm.model.weights import import_weights

    layout = bundle.encoder.layout
    network = build_network(layout, bundle.settings, bundle.target.task, bundle.target.output_count)
    import_weights(network, bundle.weights)
    table = bundle.encoder.transform(row)
    found: dict[str, np.ndarray] = {}
    vectors = []
    if network.embedding is not None:
        vectors.append(network.embedding(table.codes))
    if network.numeric_embedding is not None:
        by_field = network.numeric_embedding(network.ramps(table.values))
        vectors.append(by_field)
    if network.pooling is not None:
        found["vectors"] = np.concatenate(
            [vectors[0][0], *(numeric[:, 0] for numeric in vectors[1:])]
        )
        outputs = network.pooling(vectors)
        found["pooled"] = outputs.numpy()[0]
        if network.bi_batch_norm is not None:
            outputs = network.bi_batch_norm(outputs, training=False)
            found["normalised"] = outputs.numpy()[0]
        if network.hidden is not None:
            if bundle.settings.numeric == "concat":
                beside = np.nan_to_num(table.values)
                outputs = ops.concatenate([outputs, beside], axis=1)
            found["last hidden"] = network.hidden(outputs, training=False).numpy()[0]
            for i, kernel in enumerate(network.hidden.kernels):
                outputs = ops.matmul(outputs, kernel) + network.hidden.biases[i]
                if network.hidden.use_batch_norm:
                    outputs = network.hidden.batch_norms[i](outputs, training=False)
                found[f"before {i}"] = outputs.numpy()[0]
                outputs = network.hidden._activate(outputs)
                found[f"after {i}"] = outputs.numpy()[0]
    found["logits"] = network(table.codes, table.values).numpy()[0]
    inputs = {"codes": table.codes, "values": table.values}
    found["answers"] = network.model(inputs).numpy()[0]
    return found


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_every_step_shows_what_the_layers_of_keras_give(task, changes, make_bundle, frame):
    values = np.arange(60) % 3 if task == "multiclass" else None
    bundle = make_bundle(task, values, **changes)
    row = frame.iloc[[ROW]]
    expected = keras_stages(bundle, row)

    shown = forward_trace(bundle, row)

    actual = {"logits": shown.logits}
    if task == "regression":
        actual["answers"] = (shown.predictions - bundle.target.mean) / bundle.target.scale
    else:
        actual["answers"] = shown.predictions
    if shown.pooled is not None:
        actual["vectors"] = np.stack([f.vector for f in shown.fields if f.vector is not None])
        actual["pooled"] = shown.pooled
    if shown.normalised is not None:
        actual["normalised"] = shown.normalised
    for i, layer in enumerate(shown.hidden):
        actual |= {f"before {i}": layer.before, f"after {i}": layer.after}
    if shown.hidden:
        actual["last hidden"] = shown.hidden[-1].after
    assert actual.keys() == expected.keys()
    for name, values in actual.items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_the_sums_on_the_way_add_up(changes, make_bundle, frame):
    shown = forward_trace(make_bundle(**changes), frame.iloc[[ROW]])
    np.testing.assert_allclose(
        sum(field.linear for field in shown.fields), shown.linear, atol=1e-12
    )
    np.testing.assert_allclose(shown.bias + shown.linear + shown.head, shown.logits)
    if shown.pooled is not None:
        half = (shown.square_of_sum - shown.sum_of_squares) / 2
        np.testing.assert_allclose(half, shown.pooled, atol=1e-12)


def test_fields_say_what_the_row_has_and_where_it_is_looked_up(make_bundle, frame):
    row = frame.iloc[[ROW]].copy()
    row["port / harbour"] = "never seen"
    row["舱位"] = 2
    row["fare"] = np.nan
    row["<b>age</b>"] = 500.0
    fields = {field.name: field for field in forward_trace(make_bundle(), row).fields}
    assert (fields["port / harbour"].text, fields["port / harbour"].place[:4]) == (
        "(other)",
        "id 0",
    )
    assert (fields["舱位"].text, fields["舱位"].place) == ("2", "id 2 of 0 to 3")
    assert (fields["fare"].text, fields["fare"].place) == (
        "(missing)",
        "a separate id for missing values",
    )
    assert fields["<b>age</b>"].text == "500"
    assert fields["<b>age</b>"].place == "bin 16 of 16, at its end"


def test_numbers_beside_the_pooled_pairs_have_no_vector(make_bundle, frame):
    shown = forward_trace(make_bundle(numeric="concat"), frame.iloc[[ROW]])
    assert shown.beside == ("fare", "<b>age</b>")
    assert [field.name for field in shown.fields if field.vector is None] == list(shown.beside)
    assert shown.fields[-1].place.startswith("x = ")


def test_more_than_one_row_is_refused(make_bundle, frame):
    with pytest.raises(ValueError, match="one row"):
        forward_trace(make_bundle(), frame.iloc[:2])

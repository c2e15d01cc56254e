"""The network: its sizes, its answers, and what a training loop asks of it."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from nfm.errors import SchemaError, SettingsError
from nfm.model import Network, build_network, export_weights, import_weights
from nfm.settings import PRESETS, Settings, make_settings
from tests.inference.drawing import draw_layout, draw_settings, draw_table, draw_weights
from tests.model.drawing import TASKS, TITANIC, make_layout, model_inputs, plain_logits

ARTICLE = make_settings(PRESETS["article"])


def gathered(network: Network, codes: np.ndarray) -> list[tf.Tensor | None]:
    """Look codes up as a training loop does."""
    rows = codes + network.layout.level_offsets
    return [
        None if layer is None else tf.gather(layer.table.value, rows)
        for layer in (network.embedding, network.linear_weights)
    ]


def trainable(network: Network) -> dict[str, tf.Variable]:
    moments = ("_mean", "_variance")
    return {n: v.value for n, v in network.variables.items() if not n.endswith(moments)}


def test_the_articles_network_has_its_parameters_part_by_part() -> None:
    network = build_network(TITANIC, ARTICLE, "binary", 1)
    sizes = {layer.name: layer.count_params() for layer in network.model.layers}
    assert {name: size for name, size in sizes.items() if size} == {
        "embedding": 256 + 192 + 9_536 + 320,
        "linear": 4 + 1,
        "hidden": 25_344,
        "output": 128,
        "prediction": 1,
    }
    assert network.model.count_params() == 35_782


@pytest.mark.parametrize("seed", range(60))
def test_answers_as_the_formulas_read(seed: int) -> None:
    random = np.random.default_rng(1000 + seed)
    task, output_count = TASKS[seed % 3]
    settings = draw_settings(random)
    layout = draw_layout(random, settings)
    table = draw_table(random, layout, settings, 9)
    network = build_network(layout, settings, task, output_count)
    import_weights(network, draw_weights(random, layout, settings, output_count))

    expected = plain_logits(layout, settings, output_count, export_weights(network), table)
    logits = network.logits(*gathered(network, table.codes), table.values)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(network(table.codes, table.values), logits, rtol=1e-5, atol=1e-5)

    outputs = network.model(model_inputs(table)).numpy()
    if task == "regression":
        np.testing.assert_allclose(outputs, logits, rtol=1e-5, atol=1e-5)
    else:
        weight = np.exp(expected - expected.max(axis=1, keepdims=True))
        total = weight.sum(axis=1, keepdims=True)
        share = 1 / (1 + np.exp(-expected)) if task == "binary" else weight / total
        np.testing.assert_allclose(outputs, share, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_missing_numbers_never_reach_a_gradient(seed: int) -> None:
    random = np.random.default_rng(2000 + seed)
    settings = draw_settings(random)
    layout = draw_layout(random, settings)
    table = draw_table(random, layout, settings, 9)
    values = np.where(random.random(table.values.shape) < 0.5, np.nan, table.values)
    network = build_network(layout, settings, "regression", 1)
    variables = trainable(network)
    with tf.GradientTape() as tape:
        vectors, terms = gathered(network, table.codes)
        logits = network.logits(vectors, terms, values.astype("float32"), training=True)
        loss = tf.reduce_mean(tf.square(logits - 1))
    gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
    for name, gradient in gradients.items():
        assert np.all(np.isfinite(tf.convert_to_tensor(gradient))), name


def test_a_training_loop_can_differentiate_by_the_rows_that_it_looked_up() -> None:
    network = build_network(
        make_layout((3, 4), (2,)), Settings(dropout=0, hidden_batch_norm=False), "binary", 1
    )
    codes = np.array([[0, 1], [2, 1]], "int32")
    values = np.array([[0.5], [2]], "float32")

    @tf.function
    def by_rows() -> tuple[tf.Tensor, tf.Tensor]:
        vectors, terms = gathered(network, codes)
        with tf.GradientTape() as tape:
            tape.watch((vectors, terms))
            loss = tf.reduce_sum(network.logits(vectors, terms, values, training=True))
        return tape.gradient(loss, (vectors, terms))

    tables = (network.embedding.table.value, network.linear_weights.table.value)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(network(codes, values, training=True))
    whole = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, tables)]
    rows = (codes + network.layout.level_offsets).ravel()
    for gradient, expected in zip(by_rows(), whole, strict=True):
        summed = np.zeros(expected.shape, "float32")
        np.add.at(summed, rows, gradient.numpy().reshape(len(rows), -1))
        np.testing.assert_allclose(summed, expected, rtol=1e-5, atol=1e-7)
    assert np.any(whole[0])


def test_embeddings_learn_from_the_first_step_on() -> None:
    network = build_network(TITANIC, ARTICLE, "binary", 1)
    random = np.random.default_rng(0)
    codes = random.integers(0, TITANIC.level_counts, (50, 4)).astype("int32")
    values = random.normal(size=(50, 4)).astype("float32")
    variables = trainable(network)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(network(codes, values, training=True) - 1))
    for name, gradient in tape.gradient(loss, variables).items():
        assert np.any(tf.convert_to_tensor(gradient)), name


def test_tables_start_normal_and_linear_weights_and_biases_as_zeros() -> None:
    layout = make_layout((2000,), (16,) * 100)
    weights = export_weights(build_network(layout, Settings(init_std=0.02), "multiclass", 3))
    for name in ("embedding", "numeric_embedding"):
        assert np.std(weights[name]) == pytest.approx(0.02, rel=0.05)
    for name in ("linear", "numeric_linear", "hidden_0_bias", "bias"):
        assert not np.any(weights[name])
    assert np.any(weights["hidden_0_kernel"])
    assert np.any(weights["output_kernel"])


def test_equal_seeds_start_equal_and_other_seeds_elsewhere() -> None:
    layout = make_layout((4, 4), (3, 4), (True, False))
    first, second, other = (
        export_weights(build_network(layout, Settings(random_state=seed), "binary", 1))
        for seed in (7, 7, 8)
    )
    for name, weight in first.items():
        np.testing.assert_array_equal(weight, second[name])
        constant = len(np.unique(weight)) == 1  # biases, batch norm
        assert constant or not np.array_equal(weight, other[name])
    assert not np.array_equal(first["embedding"], first["numeric_embedding"])


def test_equal_seeds_drop_the_same_units() -> None:
    settings = Settings(dropout=0.5, bi_dropout=0.3, random_state=3, init_std=1)
    layout = make_layout((4, 4), (3,))
    codes, values = np.zeros((8, 2), "int32"), np.ones((8, 1), "float32")
    first, second = (build_network(layout, settings, "binary", 1) for _ in range(2))
    steps = [
        [np.array(network(codes, values, training=True)) for _ in range(2)]
        for network in (first, second)
    ]
    np.testing.assert_array_equal(steps[0], steps[1])
    assert not np.array_equal(steps[0][0], steps[0][1])
    np.testing.assert_array_equal(first(codes, values), second(codes, values))


def test_given_numbers_reach_their_part_of_the_network() -> None:
    settings = Settings(
        dropout=0.5,
        bi_dropout=0.5,
        embedding_dim=3,
        hidden_units=(4, 5),
        hidden_batch_norm=False,
        activation="tanh",
        init_std=1,
    )
    network = build_network(make_layout((4, 4)), settings, "binary", 1)
    assert network.noise_width == 3 + 4 + 5
    rows = gathered(network, np.array([[1, 2]], "int32"))
    keep_all = np.full((1, 12), 0.9, "float32")
    assert network.logits(*rows, None, training=True, noise=keep_all).numpy().item() != 0
    for part in (slice(0, 3), slice(3, 7), slice(7, 12)):
        noise = keep_all.copy()
        noise[:, part] = 0.1
        assert network.logits(*rows, None, training=True, noise=noise).numpy().item() == 0
        noise[:, part.start] = 0.9
        assert network.logits(*rows, None, training=True, noise=noise).numpy().item() != 0


@pytest.mark.parametrize(
    ("settings", "width"),
    [
        ({"dropout": 0.5, "bi_dropout": 0}, 4),
        ({"dropout": 0, "bi_dropout": 0.5}, 3),
        ({"dropout": 0, "bi_dropout": 0}, 0),
        ({"interaction": "fm", "dropout": 0.5, "bi_dropout": 0.5}, 3),
        ({"interaction": "linear", "dropout": 0.5, "bi_dropout": 0.5}, 0),
    ],
)
def test_only_parts_that_drop_units_need_numbers(settings: dict, width: int) -> None:
    made = Settings(**{"embedding_dim": 3, "hidden_units": (4,), **settings})
    assert build_network(make_layout((4, 4)), made, "binary", 1).noise_width == width


def test_batch_norm_follows_the_batches_quickly() -> None:
    settings = Settings(
        bi_batch_norm=True, hidden_batch_norm=True, init_std=1, dropout=0, constant_field=False
    )
    network = build_network(make_layout((4, 4)), settings, "binary", 1)
    codes = np.array([[1, 2], [3, 0], [0, 0]], "int32")
    network(codes, None, training=True)
    weights = export_weights(network)
    vectors = weights["embedding"][codes + network.layout.level_offsets]
    pooled = vectors[:, 0] * vectors[:, 1]
    np.testing.assert_allclose(weights["bi_mean"], 0.1 * pooled.mean(axis=0), rtol=1e-3, atol=1e-6)
    assert np.any(weights["hidden_0_mean"])


def test_shared_terms_are_the_same_for_every_class() -> None:
    settings = Settings(linear_term="shared", interaction="linear", init_std=1)
    network = build_network(make_layout((4, 4), (3,)), settings, "multiclass", 3)
    codes = np.array([[1, 2], [3, 0]], "int32")
    logits = network(codes, np.array([[1.5], [3]], "float32")).numpy()
    np.testing.assert_allclose(logits, np.repeat(logits[:, :1], 3, axis=1))
    assert logits[0, 0] != logits[1, 0]


@pytest.mark.parametrize("settings", [{}, PRESETS["article"], {"numeric": "value"}])
@pytest.mark.parametrize("columns", ["one category", "one number", "300 numbers"])
def test_any_set_of_columns(settings: dict, columns: str) -> None:
    made = make_settings(settings)
    bins = 5 if made.numeric == "piecewise" else 1
    layout = {
        "one category": make_layout((3,)),
        "one number": make_layout((), (bins,)),
        "300 numbers": make_layout((), (bins,) * 300),
    }[columns]
    network = build_network(layout, made, "binary", 1)
    codes = np.zeros((4, len(layout.categorical)), "int32")
    values = np.full((4, len(layout.numeric)), 0.5, "float32")
    logits = network(codes, values, training=True)
    assert logits.shape == (4, 1)
    assert np.all(np.isfinite(logits))


@pytest.mark.parametrize(
    ("numeric", "expected"),
    [
        ("value", {"numeric_embedding": 0.1, "numeric_linear": 0.2}),
        ("concat", {"dense_linear": 0.2}),
    ],
)
def test_penalties_are_given_by_weight_and_are_those_of_the_keras_model(
    numeric: str, expected: dict[str, float]
) -> None:
    settings = Settings(numeric=numeric, l2_embedding=0.1, l2_linear=0.2, l2_hidden=0.3)
    network = build_network(make_layout((3, 4), (1,)), settings, "binary", 1)
    assert network.l2 == {"embedding": 0.1, "linear": 0.2, "hidden_0_kernel": 0.3, **expected}
    random = np.random.default_rng(0)
    weights = {n: random.normal(size=w.shape) for n, w in export_weights(network).items()}
    import_weights(network, weights)
    penalty = sum(l2 * np.sum(np.square(weights[name])) for name, l2 in network.l2.items())
    assert sum(network.model.losses).numpy() == pytest.approx(penalty, rel=1e-5)


def test_keras_can_train_the_model() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 4, (400, 2)).astype("int32")
    labels = (codes[:, :1] == codes[:, 1:]).astype("float32")
    settings = Settings(hidden_units=(16,), embedding_dim=8, bi_batch_norm=True)
    model = build_network(make_layout((4, 4)), settings, "binary", 1).model
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.02
    model.fit({"codes": codes}, labels, epochs=15, batch_size=50, verbose=0)
    accuracy = model.evaluate({"codes": codes}, labels, verbose=0, return_dict=True)["accuracy"]
    assert accuracy > 0.97


def test_names_of_columns_are_not_names_of_layers() -> None:
    names = ("fare/usd", "<b>年龄</b>", "", "a\x00b", "😀")
    layout = make_layout((3,) * 5, (2,) * 5)
    layout = type(layout)(names, layout.level_counts, names, layout.bin_counts, layout.has_missing)
    model = build_network(layout, Settings(), "binary", 1).model
    used = " ".join(layer.name for layer in model.layers)
    assert not any(name in used for name in names if name)


def test_no_column_is_refused() -> None:
    with pytest.raises(SchemaError, match="choose at least one"):
        build_network(make_layout(), Settings(), "binary", 1)


@pytest.mark.parametrize(("task", "outputs"), [("binary", 2), ("multiclass", 1), ("regression", 0)])
def test_a_number_of_outputs_that_does_not_suit_the_task_is_refused(
    task: str, outputs: int
) -> None:
    with pytest.raises(SettingsError, match=f"task {task} needs"):
        build_network(TITANIC, Settings(), task, outputs)


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(SettingsError, match="task is 'ranking'"):
        build_network(TITANIC, Settings(), "ranking", 1)


@pytest.mark.parametrize("numeric", ["concat", "value"])
def test_a_table_in_bins_is_refused_where_numbers_are_expected(numeric: str) -> None:
    with pytest.raises(SettingsError, match="encoded in quantile bins"):
        build_network(make_layout((), (3,)), Settings(numeric=numeric), "binary", 1)

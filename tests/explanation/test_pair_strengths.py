"""Purified pair strengths: by hand, on trained models, and on models of known form."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.explanation.forward_trace import fm_terms
from nfm.explanation.pair_strengths import largest_pairs, level_pair_table, pair_strengths, purify
from nfm.explanation.reference_data import ReferenceData
from nfm.settings import Settings
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, load_sample
from nfm.training.trainer import Trainer
from tests.inference.explaining import COMBINATIONS, make_reference_data


def _trained(sample: str, **changes: object) -> ReferenceData:
    frame = load_sample(sample)
    target = SAMPLES[sample].target
    settings = Settings(
        **{
            "embedding_dim": 4,
            "hidden_units": (32,),
            "learning_rate": 0.02,
            "epochs": 8,
            "batch_size": 64,
            "dropout": 0.0,
            "l2_embedding": 1e-3,
            **changes,
        }
    )
    trainer = Trainer(
        frame[:1500],
        frame[target][:1500],
        infer_schema(frame, target),
        settings,
        validation=(frame[1500:], frame[target][1500:]),
    )
    for _ in trainer.loop.epochs():
        pass
    return ReferenceData.build(trainer.bundle(), frame[:1500])


@pytest.mark.parametrize("interaction", ["fm", "nfm"])
def test_the_planted_pair_is_ten_times_any_other(interaction: str) -> None:
    strongest = pair_strengths(_trained("xor", interaction=interaction)).strongest()
    assert set(strongest[0][:2]) == {"switch 1", "switch 2"}
    assert strongest[0][2] > 1.5
    assert strongest[0][2] >= 10 * strongest[1][2]


def test_where_nothing_interacts_no_pair_is_strong() -> None:
    strongest = pair_strengths(_trained("additive")).strongest()
    assert strongest[0][2] < 0.5


def test_purifying_takes_out_what_rows_and_columns_do() -> None:
    random = np.random.default_rng(0)
    counts = random.integers(0, 9, (4, 3))
    alone = random.normal(size=(4, 1, 2)) + random.normal(size=(1, 3, 2))
    table = random.normal(size=(4, 3, 2))
    effect = purify(table, counts)
    weighted = counts[..., None] * effect
    np.testing.assert_allclose(weighted.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(weighted.sum(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(purify(table + alone, counts), effect, atol=1e-9)


def test_with_even_counts_purifying_is_double_centring() -> None:
    table = np.array([[1.0, -1.0], [-1.0, 1.0]])[..., None] + np.array([[[3.0]], [[5.0]]])
    effect = purify(table, np.full((2, 2), 7))
    np.testing.assert_allclose(effect[..., 0], [[1, -1], [-1, 1]], atol=1e-12)


def test_an_empty_table_has_no_effect() -> None:
    assert purify(np.zeros((0, 3, 1)), np.zeros((0, 3))).shape == (0, 3, 1)
    assert (purify(np.ones((2, 3, 1)), np.zeros((2, 3))) == 0).all()


@pytest.mark.parametrize("numeric", ["value", "piecewise"])
def test_a_factorization_machines_effect_is_its_purified_pair_term(numeric: str) -> None:
    reference = make_reference_data(interaction="fm", numeric=numeric)
    table = level_pair_table(reference, "port", "fare")
    terms = np.zeros(table.average.shape)
    one, other = reference.columns.index("port"), reference.columns.index("fare")
    for i, port in enumerate(table.first.rows):
        for j, fare in enumerate(table.second.rows):
            frame = reference.frame.iloc[[0]].copy()
            frame["port"] = reference.frame["port"].iloc[[port]].to_numpy()
            frame["fare"] = reference.frame["fare"].iloc[[fare]].to_numpy()
            found = fm_terms(reference, reference.read(frame))
            assert found is not None
            terms[i, j] = found.pairs[one, other]
    np.testing.assert_allclose(table.effect, purify(terms, table.counts), atol=1e-9)


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_own_terms_add_up_to_what_the_model_says(changes: dict) -> None:
    reference = make_reference_data(**changes)
    frame = reference.frame.iloc[[3]]
    found = fm_terms(reference, reference.read(frame))
    if reference.bundle.settings.interaction == "nfm":
        assert found is None
        return
    assert found is not None
    logits = reference.bundle.scorer.logits(reference.bundle.encoder.transform(frame))[0]
    np.testing.assert_allclose(found.total, logits)
    pairs = found.pairs[np.triu_indices(len(found.columns), 1)].sum(axis=0)
    np.testing.assert_allclose(found.bias + found.linear.sum(axis=0) + pairs, logits)
    assert len(largest_pairs(found.pairs[..., 0], 3)) == 3


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_every_pair_of_every_model_has_a_strength(changes: dict) -> None:
    reference = make_reference_data(**changes)
    found = pair_strengths(reference)
    strengths = found.strengths
    assert strengths.shape == (
        len(reference.columns),
        len(reference.columns),
        reference.predictions.shape[1],
    )
    np.testing.assert_array_equal(strengths, strengths.transpose(1, 0, 2))
    assert np.isfinite(strengths).all()
    if reference.bundle.settings.interaction == "linear":
        np.testing.assert_allclose(strengths, 0, atol=1e-9)
    else:
        assert strengths.max() > 1e-3


def test_a_table_counts_its_rows() -> None:
    reference = make_reference_data()
    table = level_pair_table(reference, "port", "cabin")
    assert table.counts.sum() == len(reference.frame)
    frame = reference.frame
    both = (frame["port"] == table.first.texts[0]) & (frame["cabin"] == table.second.texts[1])
    assert table.counts[0, 1] == both.sum()
    expected = np.sqrt((table.counts * table.effect[..., 0] ** 2).sum() / len(frame))
    assert table.strength[0] == pytest.approx(expected)


def test_the_same_column_twice_is_no_pair() -> None:
    with pytest.raises(ValueError, match="two columns"):
        level_pair_table(make_reference_data(), "port", "port")


def test_of_many_columns_those_that_move_most_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.explanation.pair_strengths.COLUMNS", 3)
    found = pair_strengths(make_reference_data())
    assert (len(found.columns), len(found.left_out)) == (3, 2)
    assert pair_strengths(make_reference_data(), ["port", "fare"]).columns == ("port", "fare")


def test_a_column_without_levels_of_its_own_interacts_with_none() -> None:
    frame = load_sample("titanic")
    schema = infer_schema(frame, "Survived").with_features(["Sex", "Age", "Name"])
    trainer = Trainer(frame, frame["Survived"], schema, Settings(epochs=1, embedding_dim=2))
    list(trainer.loop.epochs())
    found = pair_strengths(ReferenceData.build(trainer.bundle(), frame))
    place = found.columns.index("Name")
    assert (found.strengths[place] == 0).all()

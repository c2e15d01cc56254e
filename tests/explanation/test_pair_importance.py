"""Whether a pair's effect holds on rows that the model has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.explanation.pair_importance import PairImportance, pair_importance
from nfm.explanation.pair_strengths import level_pair_table, pair_strengths
from nfm.explanation.reference_data import ReferenceData
from nfm.settings import Settings
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, load_sample
from nfm.training.trainer import Trainer
from tests.inference.explaining import make_reference_data

KEPT = 1_200


def _judged(sample: str) -> list[PairImportance]:
    """Train on a sample with planted effects and judge all its pairs, the strongest first."""
    frame, target = load_sample(sample), SAMPLES[sample].target
    settings = Settings(embedding_dim=4, hidden_units=(32,), learning_rate=0.02, epochs=6)
    learned, unseen = frame[:KEPT], frame[KEPT:]
    trainer = Trainer(
        learned,
        learned[target],
        infer_schema(frame, target),
        settings,
        validation=(unseen[:300], unseen[target][:300]),
    )
    for _ in trainer.loop.epochs():
        pass
    reference = ReferenceData.build(trainer.bundle(), learned)
    pairs = pair_strengths(reference).strongest()
    tables = [level_pair_table(reference, first, second) for first, second, _ in pairs]
    return list(pair_importance(reference, tables, unseen[300:], unseen[target][300:]))


def test_the_planted_pair_is_first_and_the_only_one_beyond_noise() -> None:
    planted, *others = _judged("xor")
    assert {planted.table.first.column, planted.table.second.column} == {"switch 1", "switch 2"}
    assert planted.verdict == "helps"
    assert planted.increase > 0.2
    assert planted.rows == 500
    assert [other.verdict for other in others if other.verdict == "helps"] == []


def test_pairs_of_a_sum_of_single_effects_are_noise() -> None:
    judged = _judged("additive")
    assert len(judged) == 6
    assert "helps" not in [worth.verdict for worth in judged]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_it_is_the_loss_without_the_pairs_effect(task: str) -> None:
    reference = make_reference_data(task)
    frame, target = reference.frame, reference.bundle.target
    labels = np.arange(len(frame)) % 3 if task == "multiclass" else np.arange(len(frame)) % 2
    table = level_pair_table(reference, "port", "cabin")
    (found,) = pair_importance(reference, [table], frame, labels)
    scores = reference.bundle.scorer.logits(reference.bundle.encoder.transform(frame))
    for row in range(len(frame)):
        one, other = table.first.groups[row], table.second.groups[row]
        if one >= 0 and other >= 0:
            scores[row] -= table.effect[one, other] / target.scale
    if task == "regression":
        loss = np.sqrt(np.square(scores[:, 0] * target.scale + target.mean - labels).mean())
    else:
        scores = np.hstack([np.zeros_like(scores), scores]) if task == "binary" else scores
        chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        loss = -np.log(chances[np.arange(len(frame)), labels]).mean()
    assert found.loss + found.increase == pytest.approx(float(loss))
    assert found.interval.low <= found.increase <= found.interval.high


def test_rows_of_values_never_seen_are_not_changed() -> None:
    reference = make_reference_data()
    frame = reference.frame.assign(port="never seen")
    table = level_pair_table(reference, "port", "cabin")
    (found,) = pair_importance(reference, [table], frame, np.arange(len(frame)) % 2)
    assert (found.increase, found.verdict) == (0.0, "noise")


def test_large_tables_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.explanation.pair_importance.ROWS", 30)
    reference = make_reference_data()
    labels = pd.Series(np.arange(len(reference.frame)) % 2)
    table = level_pair_table(reference, "port", "cabin")
    (found,) = pair_importance(reference, [table], reference.frame, labels)
    assert found.rows == 30


def test_without_pairs_or_rows_there_is_nothing_to_judge() -> None:
    reference = make_reference_data()
    assert pair_importance(reference, [], reference.frame, [0] * len(reference.frame)) == ()
    with pytest.raises(ValueError, match="at least one row"):
        pair_importance(reference, [], reference.frame.iloc[:0], [])

"""The parts of fields: from their sums follow the logits."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.inference.scorer import Scorer
from nfm.network_architecture import NetworkArchitecture
from tests.inference.drawing import draw_layout, draw_settings, draw_table, draw_weights


@pytest.mark.parametrize("seed", range(60))
def test_the_logits_follow_from_the_sums_of_parts(seed: int) -> None:
    random = np.random.default_rng(seed)
    settings = draw_settings(random)
    layout = draw_layout(random, settings)
    outputs = int(random.integers(1, 4))
    scorer = Scorer(
        NetworkArchitecture(layout, settings, outputs),
        draw_weights(random, layout, settings, outputs),
    )
    table = draw_table(random, layout, settings, 9)
    parts = scorer.parts(table)
    assert parts.shape == (9, len(layout.fields), scorer.part_width)
    np.testing.assert_allclose(
        scorer.logits_of_sums(parts.sum(axis=1)), scorer.logits(table), rtol=1e-9, atol=1e-9
    )


def test_sums_are_scored_in_batches_like_one_by_one() -> None:
    random = np.random.default_rng(1)
    settings = draw_settings(random)
    layout = draw_layout(random, settings)
    scorer = Scorer(
        NetworkArchitecture(layout, settings, 1), draw_weights(random, layout, settings, 1)
    )
    sums = scorer.parts(draw_table(random, layout, settings, 3000)).sum(axis=1)
    sums = np.tile(sums, (20, 1))
    alone = scorer.logits_of_sums(sums[-1:])
    np.testing.assert_allclose(scorer.logits_of_sums(sums)[-1:], alone, rtol=1e-12)

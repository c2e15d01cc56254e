"""A combined network answers with the mean of its members' logits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nfm.ensemble import merge_weights, split_weights
from nfm.inference.scorer import Scorer
from nfm.network_architecture import NetworkArchitecture
from tests.inference.drawing import draw_layout, draw_settings, draw_table, draw_weights


@pytest.mark.parametrize("seed", range(80))
def test_combined_network_computes_the_mean_of_any_members(seed: int) -> None:
    random = np.random.default_rng(seed)
    settings = draw_settings(random).model_copy(update={"members": int(random.integers(2, 5))})
    layout = draw_layout(random, settings)
    outputs = int(random.choice([1, 3]))
    combined = NetworkArchitecture(layout, settings, outputs)
    alone = settings.model_copy(update={"members": 1})
    members = [draw_weights(random, layout, alone, outputs) for _ in range(combined.members)]
    table = draw_table(random, layout, settings, rows=20)
    expected = np.mean(
        [Scorer(combined.one_member, weights).logits(table) for weights in members], axis=0
    )

    merged = merge_weights(combined, members)
    shapes = combined.weight_shapes | combined.member_weight_shapes
    assert {name: array.shape for name, array in merged.items()} == shapes
    answers = Scorer(combined, merged).logits(table)
    np.testing.assert_allclose(answers, expected, rtol=2e-5, atol=2e-5)

    parts = split_weights(combined, merged)
    again = merge_weights(combined, parts)
    for name, array in merged.items():
        np.testing.assert_allclose(again[name], array, rtol=1e-5, atol=1e-6, err_msg=name)
    if combined.members > 1:
        for part, weights in zip(parts, members, strict=True):
            for name, array in weights.items():
                np.testing.assert_allclose(part[name], array, rtol=1e-5, atol=1e-6, err_msg=name)

    # Files of former versions do not hold the linear weights of each member.
    older = {name: array for name, array in merged.items() if name in combined.weight_shapes}
    again = merge_weights(combined, split_weights(combined, older))
    for name, array in older.items():
        np.testing.assert_allclose(again[name], array, rtol=1e-5, atol=1e-6, err_msg=name)


def test_networks_without_pairs_or_with_shared_weights_have_one_member() -> None:
    random = np.random.default_rng(0)
    settings = draw_settings(random).model_copy(update={"members": 4, "linear_term": "own"})
    several = NetworkArchitecture(draw_layout(random, settings), settings, 1)
    for change in ({"interaction": "linear"}, {"interaction": "nfm", "linear_term": "shared"}):
        one = replace(several, settings=settings.model_copy(update=change))
        assert one.members == 1
        assert one.weight_shapes == one.one_member.weight_shapes

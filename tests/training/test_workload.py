"""A training that would take too much memory or time is refused by its setting."""

from __future__ import annotations

import pytest

from nfm.errors import JobError
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import PRESETS, Settings
from nfm.tabular.encoded_table import EncodedShape
from nfm.training.workload import check_workload, estimated_workload


def network(numbers: int = 8, levels: int = 8, outputs: int = 1, **changes: object):
    shape = EncodedShape(
        categorical=tuple(f"c{i}" for i in range(levels)),
        level_counts=(50,) * levels,
        numeric=tuple(f"n{i}" for i in range(numbers)),
        bin_counts=(16,) * numbers,
        has_missing=(True,) * numbers,
    )
    return NetworkArchitecture(shape, Settings(**changes), outputs)


@pytest.mark.parametrize("settings", PRESETS.values(), ids=PRESETS)
@pytest.mark.parametrize("rows", [1, 700, 100_000, 2_000_000])
def test_the_presets_are_allowed_on_every_usual_table(settings: dict, rows: int) -> None:
    check_workload(network(**settings), rows)


def test_the_largest_table_is_allowed_with_the_defaults() -> None:
    check_workload(network(numbers=2_000), 50_000)  # a hundred million cells


@pytest.mark.parametrize(
    ("changes", "rows", "sentence"),
    [
        ({"batch_size": 1_000_000, "numbers": 400}, 1_000_000, "choose a smaller Batch size"),
        ({"batch_size": 1, "epochs": 10_000}, 2_000_000, "fewer Epochs or a larger Batch size"),
        (
            {"hidden_units": (4096,) * 8, "epochs": 1_000, "batch_size": 1024},
            1_000_000,
            "fewer Epochs or a smaller network",
        ),
    ],
)
def test_the_setting_to_change_is_named(changes: dict, rows: int, sentence: str) -> None:
    with pytest.raises(JobError, match=sentence) as refused:
        check_workload(network(**changes), rows)
    assert len(str(refused.value)) < 300


def test_a_batch_is_never_larger_than_the_table() -> None:
    few = estimated_workload(network(numbers=400, batch_size=1_000_000), 700)
    assert few == estimated_workload(network(numbers=400, batch_size=700), 700)


def test_the_operator_sets_the_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    check_workload(network(), 100_000)
    monkeypatch.setenv("NFM_RUN_HOURS", "0.001")
    with pytest.raises(JobError, match=r"more than the 0\.001 allowed"):
        check_workload(network(), 100_000)


def test_members_take_as_many_times_the_memory_and_less_than_as_many_times_the_time() -> None:
    one = estimated_workload(network(), 10_000)
    four = estimated_workload(network(members=4), 10_000)
    assert four.step_bytes == 4 * one.step_bytes
    assert one.hours < four.hours < 4 * one.hours

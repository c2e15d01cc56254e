from __future__ import annotations

from nfm.model.early_stopping import BestEpoch


def judge(best: BestEpoch, losses: list[float]) -> list[bool]:
    return [best.is_better(loss) for loss in losses]


def test_only_a_lower_loss_is_better() -> None:
    assert judge(BestEpoch(3), [0.7, 0.5, 0.5, 0.6, 0.4]) == [True, True, False, False, True]


def test_training_has_waited_enough_after_patience_epochs_without_a_better_one() -> None:
    best = BestEpoch(2)
    judge(best, [0.7, 0.8])
    assert not best.has_waited_enough
    best.is_better(0.9)
    assert best.has_waited_enough


def test_a_better_epoch_starts_the_wait_again() -> None:
    best = BestEpoch(2)
    judge(best, [0.7, 0.8, 0.6, 0.8])
    assert not best.has_waited_enough


def test_waiting_anew_keeps_the_best_loss() -> None:
    best = BestEpoch(1)
    judge(best, [0.5, 0.6])
    best.reset_patience()
    assert not best.has_waited_enough
    assert not best.is_better(0.55)


def test_the_old_snapshot_is_let_go_before_the_new_one_is_made() -> None:
    best = BestEpoch(1)
    seen = []
    best.keep(lambda: "first")
    best.keep(lambda: seen.append(best.state) or "second")
    assert seen == [None]
    assert best.state == "second"

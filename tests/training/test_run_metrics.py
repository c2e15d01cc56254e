"""Which figures of a run are shown."""

from __future__ import annotations

import pytest

from nfm import Settings, infer_schema, train_table
from nfm.training.run_metrics import figures


@pytest.mark.parametrize("early_stopping", [True, False])
def test_validation_figures_belong_to_the_epoch_whose_weights_were_kept(titanic, early_stopping):
    settings = Settings(
        epochs=4,
        embedding_dim=4,
        hidden_units=(8,),
        learning_rate=0.5,
        early_stopping=early_stopping,
        patience=4,
    )
    trained = train_table(titanic, infer_schema(titanic, "Survived"), settings)
    history = trained.bundle.history
    best = min(history, key=lambda epoch: epoch.validation.loss)
    assert best is not history[-1], "Such long steps should make it worse in the end."
    kept = best if early_stopping else history[-1]

    shown = figures(trained.bundle, trained.test_metrics)

    assert shown["epochs"] == len(history)
    assert shown["best epoch"] == best.number
    assert shown["validation loss"] == kept.validation.loss
    assert shown["test accuracy"] == trained.test_metrics.accuracy

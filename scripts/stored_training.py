"""Trains the model that the start page shows at first, and writes it to data/titanic.nfm.

    python -m scripts.stored_training

It has the sample's own columns, split and settings, as a visitor's first training has.
"""

from __future__ import annotations

from nfm import Settings, infer_schema, train_table
from nfm.tabular.samples import SAMPLES, load_sample
from nfm.ui.start.stored_training import FILE, SAMPLE


def main() -> None:
    """Train and save."""
    frame, sample = load_sample(SAMPLE), SAMPLES[SAMPLE]
    trained = train_table(frame, infer_schema(frame, sample.target, sample.task), Settings())
    trained.bundle.save(FILE)
    for name, value in trained.figures.items():
        print(f"{name:>20}  {value:.6g}")
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

"""Import TensorFlow without its messages about GPUs that the computer doesn't have."""

from __future__ import annotations

import os
import sys


def import_tensorflow() -> None:
    """Import TensorFlow, and drop what its C++ code writes to the standard error, past Python."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        import nfm.model.training_loop  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)

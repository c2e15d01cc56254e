"""`python -m nfm`, which is the command `nfm`."""

from __future__ import annotations

import sys

from nfm.command_line import main

if __name__ == "__main__":
    sys.exit(main())

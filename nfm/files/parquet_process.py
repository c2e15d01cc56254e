"""Count the values in the lists of a Parquet file, in a process of its own.

What a damaged file says of its columns can end the whole process from within Arrow, before Python
could catch an error. This module is therefore run as a script. It reads the places of the lists and
the end of the file, which describes it, from its standard input, and writes the number.
"""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def main() -> None:
    """Answer the request on the standard input."""
    leaves = json.loads(sys.stdin.buffer.readline())
    metadata = pq.read_metadata(pa.BufferReader(sys.stdin.buffer.read()))
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    count = sum(group.column(place).num_values for group in groups for place in leaves)
    sys.stdout.write(str(count))


if __name__ == "__main__":
    main()

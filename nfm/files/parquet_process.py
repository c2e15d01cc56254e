"""Read a Parquet file in a process of its own, with limits on memory and time.

What a damaged file says of itself can end the whole process from within Arrow, before Python could
catch an error, or take any amount of memory. This module is therefore run as a script. It reads a
request and the file from its standard input, writes what the file contains, reads which columns
are wanted, and writes them as a stream of Arrow. To start quickly, it imports nothing from this
package.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_BATCH = 50_000
# What reading takes besides the columns themselves.
_SPARE_MEMORY = 128 << 20
_MOST_DESCRIBED = 2 << 30


def main() -> None:
    """Answer the request on the standard input."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    request = json.loads(sys.stdin.buffer.readline())
    data = pa.py_buffer(sys.stdin.buffer.read(request["bytes"]))
    # The end of the file, which describes the columns, takes several times its bytes in memory.
    end = min(int.from_bytes(data[-8:-4].to_pybytes(), "little"), request["bytes"])
    described = min(32 * end, _MOST_DESCRIBED)
    _limit(described, request["seconds"])
    file = pq.ParquetFile(pa.BufferReader(data))
    sys.stdout.buffer.write(json.dumps(_contents(file)).encode() + b"\n")
    sys.stdout.buffer.flush()
    wanted = json.loads(sys.stdin.buffer.readline())
    _limit(described + wanted["memory"], request["seconds"])
    stream = None
    for batch in _batches(data, wanted):
        stream = stream or pa.ipc.new_stream(sys.stdout.buffer, batch.schema)
        stream.write_batch(batch)
    if stream is not None:
        stream.close()


def _limit(memory: int, seconds: int) -> None:
    """Allow as many bytes of memory beyond those already in use."""
    try:
        import resource
    except ImportError:  # Windows has none
        return
    used = Path("/proc/self/statm")
    if used.exists():
        pages = int(used.read_text().split()[0])
        most = pages * resource.getpagesize() + memory + _SPARE_MEMORY
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _contents(file: pq.ParquetFile) -> dict[str, Any]:
    """Describe a file: its size, its schema, and the columns that it stores."""
    metadata = file.metadata
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    stored = [file.schema.column(place) for place in range(len(file.schema))]
    return {
        "rows": metadata.num_rows,
        "bytes": sum(group.total_byte_size for group in groups),
        "schema": file.schema_arrow.serialize().to_pybytes().hex(),
        "stored": [
            {
                "path": column.path,
                # Arrow makes no dictionary of texts that are stored as differences.
                "has_dictionary": column.physical_type == "BYTE_ARRAY"
                and all("DELTA" not in str(group.column(place).encodings) for group in groups),
                "values": sum(group.column(place).num_values for group in groups)
                if column.max_repetition_level
                else metadata.num_rows,
                "bytes": sum(group.column(place).total_uncompressed_size for group in groups),
            }
            for place, column in enumerate(stored)
        ],
    }


def _batches(data: pa.Buffer, wanted: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    """Yield the wanted columns, of every row or of evenly spaced rows."""
    file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=wanted["dictionaries"])
    groups = list(range(file.metadata.num_row_groups))
    step, seen = wanted["step"], 0
    # Arrow does not read lists with dictionaries across the ends of row groups.
    for part in [[group] for group in groups] if wanted["by_group"] else [groups]:
        for batch in file.iter_batches(
            _BATCH, row_groups=part, columns=wanted["names"], use_threads=False
        ):
            rows = batch
            if step > 1:
                first, seen = -seen % step, seen + batch.num_rows
                rows = batch.take(pa.array(range(first, batch.num_rows, step), pa.int64()))
            columns = [rows.column(place) for place in wanted["columns"]]
            yield pa.RecordBatch.from_arrays(columns, names=[str(i) for i in range(len(columns))])


if __name__ == "__main__":
    main()

import subprocess
import sys

import pytest

# Above the arrays that are freed lies one that is not. It is a process of its own, for the
# setting stays.
ARRAYS = """
import threading

import numpy as np
import psutil
import pyarrow as pa

from nfm.server.lifespan import return_freed_memory

return_freed_memory()
memory = psutil.Process().memory_info
before = memory().rss


def click():
    for _ in range(3):
        arrays = [np.ones(1 << 20) for _ in range(8)]
        kept.append(np.ones(1 << 20))


kept = []
for _ in range(4):
    thread = threading.Thread(target=click)
    thread.start()
    thread.join()
print(pa.default_memory_pool().backend_name, (memory().rss - before) >> 20)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such setting")
def test_large_arrays_are_given_back_whatever_thread_had_them() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ARRAYS], check=True, capture_output=True, text=True, timeout=60
    )
    pool, megabytes = ran.stdout.split()
    assert pool == "system"
    assert int(megabytes) < 12 * 8 + 20

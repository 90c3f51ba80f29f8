import resource
import subprocess
import sys

import numpy as np
import pytest

from drugripple.runtime.mapped import read_rows, release

MEASURE = """
import sys
from pathlib import Path
import numpy as np
from drugripple.data.checks import count_not_finite
from drugripple.runtime.mapped import read_rows

def peak_mib():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024

matrix = np.load(sys.argv[1], mmap_mode="r")
before = peak_mib()
assert count_not_finite(matrix) == 0
for start in range(0, len(matrix), 64):
    read_rows(matrix, np.arange(start, start + 64))
print(peak_mib() - before)
"""


def test_rows_come_in_the_order_asked_and_are_a_copy():
    matrix = np.arange(12.0).reshape(4, 3)
    rows = read_rows(matrix, np.array([3, 1]))
    assert rows.tolist() == [[9.0, 10.0, 11.0], [3.0, 4.0, 5.0]]
    assert rows.dtype == np.float32
    rows[:] = 0
    assert matrix[3, 0] == 9.0
    release(matrix)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_reading_a_whole_mapped_file_keeps_a_small_part_of_it_in_memory(tmp_path):
    """A file of 128 MiB, checked and read through, adds less than half of that; kept pages would add all."""
    assert resource.getpagesize() <= 65536
    np.save(tmp_path / "matrix.npy", np.ones((2**15, 1024), dtype=np.float32))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "matrix.npy")], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 64

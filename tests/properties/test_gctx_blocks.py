"""Whatever is asked of a GCTX, streaming gives what plain indexing gives."""

import tempfile
from pathlib import Path

import h5py
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.sources.public.l1000.gctx import stream_columns


@settings(max_examples=60, deadline=None)
@given(data=st.data(), samples=st.integers(1, 23), genes=st.integers(1, 7))
def test_streaming_is_indexing(data, samples, genes):
    matrix = np.arange(samples * genes, dtype=np.float32).reshape(samples, genes)
    chunks = data.draw(st.none() | st.tuples(st.integers(1, samples), st.integers(1, genes)))
    columns = np.array(sorted(data.draw(st.sets(st.integers(0, samples - 1)))), dtype=np.int64)
    rows = np.array(data.draw(st.permutations(range(genes)))[: data.draw(st.integers(1, genes))])
    memory_mib = data.draw(st.floats(500, 4000)) / 2**20
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gctx"
        with h5py.File(path, "w") as file:
            file["0/META/ROW/id"] = np.arange(genes)
            file["0/META/COL/id"] = np.arange(samples)
            file.create_dataset("0/DATA/0/matrix", data=matrix, chunks=chunks)
        blocks = list(
            stream_columns(path, genes=rows, columns=columns, memory_mib=memory_mib + samples * genes * 4 / 2**20)
        )
    assert [column for block in blocks for column in block.columns] == columns.tolist()
    streamed = np.concatenate([block.values for block in blocks]) if blocks else np.empty((0, len(rows)))
    np.testing.assert_array_equal(streamed, matrix[np.ix_(columns, rows)])

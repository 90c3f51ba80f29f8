"""Whatever bytes a file holds, the doctor answers."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.sources.user.doctor import examine

TABLE = pd.DataFrame([[2.5, 7.25], [3.5, 8.0], [9.0, 4.0]], index=["a", "b", "c"], columns=["TP53", "MYC"])
TEXT = st.text(alphabet="0123456789.,;\t\n\r\"'|-+eENAinfTP53MYCsmilesCO()= \u00e9", max_size=120)


def diagnose(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        diagnosis = examine([path])
        assert diagnosis.as_json()["healthy"] == diagnosis.healthy
        assert diagnosis.files[0].findings


@given(text=TEXT, name=st.sampled_from(["x.csv", "x.tsv", "x.smi", "x.txt"]))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_an_answer(text: str, name: str) -> None:
    diagnose(name, text.encode())


@given(content=st.binary(max_size=80), name=st.sampled_from(["x.csv", "x.csv.gz", "x.parquet", "x.h5ad", "x.smi"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_get_an_answer(content: bytes, name: str) -> None:
    diagnose(name, content)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    TABLE.to_parquet(folder / "x.parquet")
    TABLE.to_csv(folder / "x.csv.gz")
    TABLE.T.to_csv(folder / "x.tsv", sep="\t")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["x.parquet", "x.csv.gz", "x.tsv"])
def test_damaged_bytes_get_an_answer(binary: dict[str, bytes], name: str) -> None:
    generator = np.random.default_rng(0)
    whole = np.frombuffer(binary[name], dtype=np.uint8)
    for _ in range(200):
        damaged = whole.copy()
        where = generator.integers(4, len(whole), size=int(generator.integers(1, 9)))
        damaged[where] = generator.integers(0, 256, size=len(where))
        diagnose(name, damaged.tobytes())

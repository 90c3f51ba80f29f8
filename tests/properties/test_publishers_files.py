"""Whatever bytes a publisher's file holds, its reader answers with a table or with one error of ours."""

import gzip
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError
from drugripple.sources.public.cell_model_passports import read_rnaseq
from drugripple.sources.public.gdsc import COLUMNS, read_fitted
from drugripple.sources.public.genesets import read_gmt
from drugripple.sources.public.string_db import build_prior
from drugripple.sources.public.tidy import read_expression_file

INSERTED = (b"1e9999999999", b"\x00", b'"', b",,,,", b"\xff", b"nan", b"-inf", b"\n\n", b"\r")
PASSPORTS = (
    "model_id,,SIDM1,SIDM2\nmodel_name,,HCC1,HCC2\ndataset_name,,a,a\ndata_source,,sanger,sanger\n"
    "gene_id,symbol,,\nSIDG1,DDR1,1023,3\nSIDG2,RPS5,0,1\n"
)


@pytest.fixture
def files(tmp_path):
    """A small whole file of each publisher."""
    rows = [("GDSC2", f"L{i}", i, "S", "T", 7, "E", "X", "Y", 1.5, 0.9) for i in range(20)]
    fitted = pd.DataFrame(rows, columns=list(COLUMNS))
    fitted.to_csv(tmp_path / "fitted.csv", index=False)
    workbook = openpyxl.Workbook()
    for row in (list(COLUMNS), *rows):
        workbook.active.append(row)
    workbook.save(tmp_path / "fitted.xlsx")
    with zipfile.ZipFile(tmp_path / "rnaseq.zip", "w") as archive:
        archive.writestr("rnaseq_fpkm_20220624.csv", PASSPORTS)
    links = "protein1 protein2 combined_score\n" + "".join(f"9606.A{i} 9606.A{i + 1} 95{i}\n" for i in range(9))
    (tmp_path / "links.txt.gz").write_bytes(gzip.compress(links.encode()))
    names = "#string_protein_id\tpreferred_name\n" + "".join(f"9606.A{i}\tG{i}\n" for i in range(10))
    (tmp_path / "info.txt").write_text(names)
    (tmp_path / "sets.gmt").write_text("".join(f"set{i}\turl\t780\t6193\n" for i in range(9)))
    lines = pd.DataFrame(np.full((5, 3), 4.5), columns=["A", "B", "C"])
    lines.assign(cell_line=list("vwxyz")).to_parquet(tmp_path / "lines.parquet")
    return tmp_path


READERS = {
    "fitted.csv": read_fitted,
    "fitted.xlsx": read_fitted,
    "rnaseq.zip": lambda path: read_rnaseq(path, unit="fpkm", names={"SIDM1": "a", "SIDM2": "b"}),
    "links.txt.gz": lambda path: build_prior(path, path.with_name("info.txt"), path.with_name("out")),
    "sets.gmt": read_gmt,
    "lines.parquet": read_expression_file,
}


def damages(whole, seed):
    """The file cut short, with bytes exchanged, and with odd bytes put in."""
    generator = np.random.default_rng(seed)
    for _ in range(40):
        yield whole[: generator.integers(len(whole))]
        bytes_ = np.frombuffer(whole, dtype=np.uint8).copy()
        where = generator.integers(len(whole), size=int(generator.integers(1, 9)))
        bytes_[where] = generator.integers(0, 256, size=len(where))
        yield bytes_.tobytes()
        where = generator.integers(len(whole))
        yield whole[:where] + INSERTED[generator.integers(len(INSERTED))] + whole[where:]


@pytest.mark.filterwarnings("ignore")  # openpyxl and pandas warn of what they then read all the same
@pytest.mark.parametrize("name", READERS)
def test_damaged_file_gets_a_table_or_one_line(files, name):
    path, read = files / name, READERS[name]
    whole = path.read_bytes()
    read(path)
    refusals = []
    for damaged in damages(whole, seed=0):
        path.write_bytes(damaged)
        try:
            read(path)
        except DrugrippleError as error:
            refusals.append(str(error))
    assert len(refusals) >= 30
    assert [text for text in refusals if len(text.splitlines()) != 1] == []

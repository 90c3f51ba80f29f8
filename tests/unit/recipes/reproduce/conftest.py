"""The planted world as files: a tidy folder whose tumours came through files of the Xena hub's own format."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.data.planted import planted_world
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.public.build import build_dataset

SYMBOLS = SymbolMap.landmarks().space.symbols[:72]
NETWORK = {
    "backbone": "random",
    "encoder": "morgan",
    "response": {"widths": [32, 16]},
    "training": {"learning_rate": 3e-3, "batch": 128, "max_epochs": 2, "patience": 2},
}


def write_planted(world, folder: Path) -> Path:
    for part in ("gdsc", "l1000", "prior", "tcga"):
        (folder / part).mkdir(parents=True)
    table, compounds = world.responses, world.responses.compounds
    number = np.arange(len(compounds)) + 1
    pd.DataFrame(
        {
            "dataset": "GDSC2",
            "cell_line": np.array(table.expression.samples)[table.sample_row],
            "drug": np.array(compounds.names)[table.compound_row],
            "drug_id": number[table.compound_row],
            "ln_ic50": table.values,
        }
    ).to_parquet(folder / "gdsc" / "response.parquet")
    drugs = {"dataset": "GDSC2", "drug_id": number, "drug": compounds.names, "canonical_smiles": compounds.smiles}
    pd.DataFrame(drugs | {"targets": compounds.targets, "pathway": compounds.mechanism}).to_parquet(
        folder / "gdsc" / "drugs.parquet"
    )
    expression = pd.DataFrame(table.expression.values, columns=list(SYMBOLS))
    expression.insert(0, "cell_line", list(table.expression.samples))
    expression.to_parquet(folder / "gdsc" / "expression.parquet")
    lines = {"cell_line": table.expression.samples, "tissue": table.expression.tissue}
    pd.DataFrame(lines | {"tcga_label": table.expression.tissue}).to_parquet(folder / "gdsc" / "cell_lines.parquet")
    pd.DataFrame({"symbol": SYMBOLS}).to_parquet(folder / "l1000" / "genes.parquet")
    pairs = [(SYMBOLS[a], SYMBOLS[b]) for a, b in world.prior.edges]
    pd.DataFrame(pairs, columns=["source", "target"]).to_parquet(folder / "prior" / "string_v12_900.parquet")
    sets = "".join("\t".join((name, "", *genes)) + "\n" for name, genes in world.gene_sets.items())
    (folder / "prior" / "wikipathways.gmt").write_text(sets)
    world.answers.to_parquet(folder / "tcga" / "response.parquet")
    known = world.answers.drop_duplicates("drug")
    pd.DataFrame({"drug": known["drug"], "canonical_smiles": known["smiles"]}).to_parquet(
        folder / "tcga" / "drugs.parquet"
    )
    build_dataset("tcga", write_xena(world, folder / "downloads"), folder)
    return folder


def write_xena(world, folder: Path) -> list[Path]:
    """Files as the hub has them: Ensembl ids, barcodes; half of the melanomas are metastases, and one is normal."""
    folder.mkdir()
    probemap = folder / "gencode.v36.annotation.gtf.gene.probemap"
    rows = [f"ENSG{i:011d}.1\t{name}\tchr1\t{i}\t{i + 1}\t+\n" for i, name in enumerate(SYMBOLS)]
    probemap.write_text("id\tgene\tchrom\tchromStart\tchromEnd\tstrand\n" + "".join(rows))
    files = [probemap]
    for cohort in world.tumours:
        cancer = cohort.tissue[0]
        types = ["06" if cancer == "SKCM" and row % 2 else "01" for row in range(len(cohort))]
        barcodes = [f"{name}-{kind}A" for name, kind in zip(cohort.samples, types, strict=True)]
        frame = pd.DataFrame(cohort.values.T, columns=barcodes)
        frame[f"{cohort.samples[0]}-11A"] = 9.0
        frame.insert(0, "Ensembl_ID", [f"ENSG{i:011d}.1" for i in range(len(SYMBOLS))])
        path = folder / f"TCGA-{cancer}.star_fpkm.tsv.gz"
        path.write_bytes(gzip.compress(frame.to_csv(sep="\t", index=False).encode()))
        files.append(path)
    return files


@pytest.fixture(scope="session")
def world():
    return planted_world(0, symbols=SYMBOLS)


@pytest.fixture(scope="session")
def shuffled_world():
    return planted_world(0, symbols=SYMBOLS, shuffled=True)


@pytest.fixture(scope="session")
def planted_folder(world, tmp_path_factory):
    return write_planted(world, tmp_path_factory.mktemp("planted") / "data")

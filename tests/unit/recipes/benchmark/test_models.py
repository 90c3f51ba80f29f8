from pathlib import Path

import pandas as pd
import pytest

from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.benchmark.models import network_origin


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "l1000").mkdir()
    pd.DataFrame({"symbol": ["KRAS", "BRAF"]}).to_parquet(tmp_path / "l1000" / "genes.parquet")
    (tmp_path / "prior").mkdir()
    pd.DataFrame({"edge": ["a,b"]}).to_parquet(tmp_path / "prior" / "edges.parquet")
    return tmp_path


@pytest.mark.parametrize("changed", ["landmark genes", "prior"])
def test_a_network_from_random_weights_is_made_from_the_genes_and_the_prior(data: Path, changed: str) -> None:
    settings = NetworkSettings(backbone="random")
    before = network_origin(settings, data)
    if changed == "prior":
        pd.DataFrame({"edge": ["a,c"]}).to_parquet(data / "prior" / "edges.parquet")
    else:
        pd.DataFrame({"symbol": ["BRAF", "KRAS"]}).to_parquet(data / "l1000" / "genes.parquet")
    after = network_origin(settings, data)
    assert {name for name in before if before[name] != after[name]} == {changed}


def test_without_a_data_folder_a_random_network_is_made_from_nothing_on_disk() -> None:
    assert network_origin(NetworkSettings(backbone="random"), None) == {}

"""What every test may use: the real data where it is, and quiet, deterministic numerics."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("DRUGRIPPLE_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data folder; the test skips, and says so, where it is absent."""
    if not (SHARED / "gdsc" / "response.parquet").exists():
        pytest.skip("the real data folder is absent: set DRUGRIPPLE_DATA or keep ../shared/data beside the project")
    return SHARED

"""Where real data lie, if they do: the same rule as the tests'."""

import os
from pathlib import Path

BESIDE = Path(__file__).parents[2] / "shared" / "data"


def data_folder():
    """DRUGRIPPLE_DATA, or the data folder beside the project; nothing where neither holds GDSC."""
    folder = Path(os.environ.get("DRUGRIPPLE_DATA") or BESIDE)
    return folder if (folder / "gdsc" / "drugs.parquet").is_file() else None

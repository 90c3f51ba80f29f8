"""Stage 1 from a profile store on disk: rows per second, seconds of a whole epoch, and peak memory of a whole run.

python -m benchmarks.pretrain JSON runs stage 1 as `_whole_run` is told to and prints what it took as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.clock import own_peak_gib, shortest
from benchmarks.dense import DenseAttention
from benchmarks.world import prior
from drugripple.chem.graph import FEATURES, MolGraph
from drugripple.data.tables import CompoundTable, ExpressionScale
from drugripple.genes.symbols import SymbolMap
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import PerturbationSettings
from drugripple.recipes.pretrain.profiles import run_pretrain
from drugripple.recipes.pretrain.settings import PretrainRun
from drugripple.sources.public.l1000.store import open_store, row_file, write_annotation
from drugripple.training.distributed.launch import Processes
from drugripple.training.perturbation import pretrain
from drugripple.training.perturbation_step import draw_rows, loss_normaliser, read_step
from drugripple.training.settings import TrainingSettings
from tools.ledger import BenchmarkRecord

PROFILES, GENES, BATCH = 200_000, 978, 128
BATCHES = (128, 512, 2048)
COMPOUNDS, LINES, PLATE, CONTROL_EVERY = 1_000, 70, 300, 20
SMALL = {"width": 192, "layers": 6, "heads": 6}
DENSE_ROWS = 64
STATED_GIB = 1.5
TRAINED = 0.8
"""Share of the profiles that a run trains on; it validates and tests on the rest."""
EPOCHS = 3


def pretrain_rows(profiles=PROFILES, genes=GENES, rows=8_192, batches=BATCHES):
    """Molecules encoded beforehand; random rows of a store that is much larger."""
    with tempfile.TemporaryDirectory() as folder:
        table = _store(Path(folder) / "store", profiles, genes)
        measured = [_rate(table, rows, batch, train_molecules=False) for batch in batches]
        yield _record("pretrain_rows", *measured[0], batches[0], genes, rows)
        best = max(range(len(batches)), key=lambda i: measured[i][0])
        yield _record("pretrain_rows_best_batch", *measured[best], batches[best], genes, rows)


def pretrain_read_rows(profiles=PROFILES, genes=GENES, rows=40_960, batch=BATCH):
    """What is left where a GPU computes: drawing and reading the rows of every step on the host."""
    with tempfile.TemporaryDirectory() as folder:
        table = _store(Path(folder) / "store", profiles, genes)
        order, like = np.random.default_rng(2).permutation(profiles)[:rows], torch.zeros(())
        steps = np.array_split(order, max(1, rows // batch))

        def read():
            for step in steps:
                drawn = draw_rows(table, step, None)
                loss_normaliser(table, drawn, None, genes)
                read_step(table, drawn, None, like)

        (seconds,) = shortest(read)
    yield BenchmarkRecord("pretrain_read_rows", rows / seconds, "rows/s", None, f"steps of {batch}", genes, rows)


def pretrain_rows_train_molecules(profiles=20_000, genes=GENES, rows=1_024, batch=BATCH):
    """The molecule encoder (MAT-small) learns too: each distinct molecule of a step once, by size."""
    with tempfile.TemporaryDirectory() as folder:
        table = _store(Path(folder) / "store", profiles, genes)
        measured = _rate(table, rows, batch, train_molecules=True)
        yield _record("pretrain_rows_train_molecules", *measured, batch, genes, rows)


def pretrain_peak_gib(profiles=PROFILES, genes=GENES, stated_gib=STATED_GIB):
    """One epoch of the whole command: opening, splitting, training, validating, scoring beside the baselines."""
    with tempfile.TemporaryDirectory() as folder:
        _store(Path(folder) / "store", profiles, genes)
        measured = _measured(Path(folder), torch.get_num_threads())
        size = (Path(folder) / "store" / "treated.npy").stat().st_size / 2**30
    if measured["peak_gib"] > stated_gib:
        message = f"pretraining took {measured['peak_gib']:.2f} GiB, but promised at most {stated_gib:.2f}"
        raise RuntimeError(message)
    ratio = size / measured["peak_gib"]
    yield BenchmarkRecord(
        "pretrain_peak_gib", measured["peak_gib"], "GiB", ratio, "size of the profiles", genes, profiles
    )
    yield BenchmarkRecord("pretrain_epoch_seconds", measured["epoch_seconds"], "s", genes=genes, rows=profiles)


def pretrain_processes(profiles=40_000, genes=GENES, batch=2048):
    """Rows a second of two processes with a thread each, beside one process with one thread and with two."""
    with tempfile.TemporaryDirectory() as folder:
        _store(Path(folder) / "store", profiles, genes)
        ways = ((1, 1), (2, 1), (1, 2))
        seconds = [_measured(Path(folder), *way, epochs=2, batch=batch)["epoch_seconds"] for way in ways]
    alone, threaded, together = (TRAINED * profiles / each for each in seconds)
    against = f"one process with one thread; one with two threads {threaded / alone:.3g} times; batch {batch}"
    yield BenchmarkRecord("pretrain_processes", together, "rows/s", together / alone, against, genes, profiles)


def _measured(folder, threads, processes=1, **changes):
    """What a run of the whole command, in a process of its own, tells of itself."""
    told = json.dumps({"folder": str(folder), "threads": threads, "processes": processes, **changes})
    command = [sys.executable, "-m", "benchmarks.pretrain", told]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": str(threads)}
    )
    return json.loads(done.stdout)


def _record(name, ours, dense, some, batch, genes, rows):
    against = (
        f"plain layers with dense attention, molecule vectors given, {some} rows at once, {dense:.4g} rows/s; "
        f"ours in batches of {batch}"
    )
    return BenchmarkRecord(name, ours, "rows/s", ours / dense, against, genes, rows)


def _store(folder, profiles, genes):
    """Random profiles in the shape of L1000 Level 5: plates of one line, a control in twenty."""
    space = SymbolMap.landmarks().space if genes == GENES else prior(genes).genes
    controls, rng = max(1, profiles // CONTROL_EVERY), np.random.default_rng(0)
    folder.mkdir()
    for name, count in (("treated", profiles), ("basal", controls)):
        with row_file(folder / f"{name}.npy", count, genes) as file:
            for start in range(0, count, 4096):
                rows = np.arange(start, min(start + 4096, count))
                file.write(rows, rng.standard_normal((len(rows), genes), dtype=np.float32))
    smiles = [f"{'C' * (i // 100 + 1)}N{'C' * (i // 10 % 10 + 1)}O{'C' * (i % 10 + 1)}" for i in range(COMPOUNDS)]
    names = tuple(f"c{i}" for i in range(COMPOUNDS))
    row = np.arange(profiles)
    compound, line = rng.integers(COMPOUNDS, size=profiles), row // PLATE % LINES
    table = pd.DataFrame(
        {
            "compound": [names[i] for i in compound],
            "smiles": [smiles[i] for i in compound],
            "cell_line": [f"L{i}" for i in line],
            "plate": [f"plate {i}" for i in row // PLATE],
            "dose_um": rng.choice([0.1, 1.0, 10.0], size=profiles),
            "hours": rng.choice([6.0, 24.0], size=profiles),
            "weight": np.ones(profiles),
            "basal_row": row * controls // profiles,
        }
    )
    write_annotation(
        folder,
        profiles=table,
        compounds=CompoundTable.from_smiles(smiles, ids=names),
        controls=tuple(f"control {i}" for i in range(controls)),
        genes=space,
        scale=ExpressionScale.L1000_Z,
    )
    return open_store(folder)


def _drug_like(count):
    """Random graphs with as many atoms as drugs have: only their sizes matter here."""
    rng = np.random.default_rng(1)
    return [_graph(rng, int(size)) for size in np.clip(rng.normal(31, 9, size=count), 8, 70)]


def _graph(rng, nodes):
    distance = rng.uniform(1, 10, size=(nodes, nodes)).astype(np.float32)
    bonded = np.eye(nodes, dtype=bool) | np.eye(nodes, k=1, dtype=bool) | np.eye(nodes, k=-1, dtype=bool)
    atoms = np.zeros((nodes, FEATURES), dtype=np.float32)
    atoms[np.arange(nodes), rng.integers(FEATURES, size=nodes)] = 1
    return MolGraph("C", atoms, bonded, np.triu(distance, 1) + np.triu(distance, 1).T, "3d")


def _rate(table, rows, batch, *, train_molecules):
    """Rows a second of our quickest epoch and of the quickest dense step, which take turns; rows of the dense step."""
    torch.manual_seed(0)
    settings = PerturbationSettings(molecule=SMALL)
    net, plain = (PerturbationNet(prior(len(table.basal.genes)), settings) for _ in range(2))
    plain.load_state_dict(net.state_dict())
    plain.attention = DenseAttention(plain.attention)
    chosen = np.random.default_rng(2).choice(len(table), size=rows, replace=False)
    some = min(DENSE_ROWS, rows)
    step, times = _dense_step(plain, table, chosen[:some]), []
    step()

    def after_epoch(_epoch):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)

    training = TrainingSettings(
        batch=min(batch, rows), max_epochs=EPOCHS, patience=EPOCHS, weight_decay=0.0, device="cpu"
    )
    history = pretrain(
        net, table, chosen, chosen[:2], _drug_like(COMPOUNDS), training, seed=0, train_molecules=train_molecules,
        on_epoch=after_epoch,
    )  # fmt: skip
    return rows / min(epoch.seconds for epoch in history.epochs), some / min(times), some


def _dense_step(plain, table, rows):
    """Molecule vectors given: what the plain formula costs without its molecules."""
    plain.train()
    trained = [p for name, p in plain.named_parameters() if not name.startswith("molecule.")]
    optimiser = torch.optim.Adam(trained, fused=True)
    basal = torch.from_numpy(np.array(table.basal.values[table.basal_row[rows]]))
    treated = torch.from_numpy(np.array(table.treated[rows]))
    vectors = torch.randn(len(rows), SMALL["width"])
    dose, hours = (torch.from_numpy(column[rows]).float() for column in (table.dose_um, table.hours))

    def step():
        predicted = plain.perturb(basal, plain.condition(vectors, dose, hours)).treated
        loss = torch.nn.functional.mse_loss(predicted, treated)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    return step


def _whole_run(folder, threads, processes, epochs=1, batch=BATCH):
    torch.set_num_threads(threads)
    training = {
        "batch": batch,
        "max_epochs": epochs,
        "patience": epochs,
        "weight_decay": 0.0,
        "cosine_epochs": 0,
        "device": "cpu",
    }
    with tempfile.TemporaryDirectory() as out:
        run = {
            "data": Path(folder) / "store",
            "out": out,
            "prior": "none",
            "molecules": "freeze",
            "training": training,
        }
        done = run_pretrain(PretrainRun.model_validate(run), processes=Processes(processes))
    return {"peak_gib": own_peak_gib(), "epoch_seconds": min(epoch.seconds for epoch in done.history.epochs)}


if __name__ == "__main__":
    print(json.dumps(_whole_run(**json.loads(sys.argv[1]))))

"""What commands do beside reading: explaining, overwriting, going on from damage, old consoles."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd

from benchmarks.robustness.checks import predictions
from benchmarks.robustness.expression import SOME, asked, compounds_of, frame, names_of, some_samples
from benchmarks.robustness.trial import Expected, Fault, Outcome, Place, Ran, Trial
from benchmarks.robustness.world import COMPOUNDS, SAMPLES, World, predict
from drugripple.runtime.lock import lock_file


def explained(place: Place, generator: np.random.Generator) -> Trial:
    """An explanation of some samples of a file is that of the same samples, scaled as all of the file are."""
    chosen = some_samples(generator, least=3)
    table = frame(chosen).set_axis(names_of(chosen)).rename_axis("sample")
    path, out = place.folder / "x.csv", place.folder / "why"
    table.to_csv(path)
    world, sample = World(place.world), names_of(chosen)[int(generator.integers(len(chosen)))]
    compounds = compounds_of(place)
    plain = ("--model", str(world.rma_model), "--compounds", str(compounds), "--sample", sample, "--top", "20")
    shutil.copy(world.folder / "rma_samples.csv", place.folder / "all.csv")
    command = ("explain", *plain, "--expression", str(path), "--out", str(out))

    def check(_: Ran) -> None:
        from benchmarks.robustness.worker import run_here

        whole = place.folder / "whole"
        other = ("explain", *plain, "--expression", str(place.folder / "all.csv"), "--out", str(whole))
        run_here(Trial("", "", other), place.folder)
        ours, theirs = (pd.read_csv(folder / "pairs.csv").iloc[:, :3] for folder in (out, whole))
        if not np.allclose(ours.iloc[:, 2], theirs.iloc[:, 2], rtol=1e-3):
            raise Fault(Outcome.WRONG, f"pairs of {sample} differ: {ours.head(2)} {theirs.head(2)}")

    return Trial("", f"{sample} among {len(chosen)}", command, Expected.READ, (), "", check)


def overwriting(place: Place, generator: np.random.Generator) -> Trial:
    """An output that is an input under any name, or that somebody else is writing."""
    chosen = some_samples(generator)
    trial = asked(place, place.folder / "x.csv", "", chosen)
    path = place.folder / "x.csv"
    frame(chosen).set_axis(names_of(chosen)).to_csv(path)
    before = path.read_bytes()
    what = str(generator.choice(["itself", "link", "hard link", "roundabout", "compounds", "locked"]))
    out = place.folder / "out.csv"
    match what:
        case "itself":
            out = path
        case "link":
            out.symlink_to(path)
        case "hard link":
            out.hardlink_to(path)
        case "roundabout":
            out = place.folder / ".." / place.folder.name / "x.csv"
        case "compounds":
            out = place.folder / "compounds.csv"
    command = predict(World(place.world).rma_model, path, place.folder / "compounds.csv", out)
    if what == "locked":

        def run() -> None:
            from drugripple.cli.app import app

            with lock_file(out):
                app(list(command))

        return replace(trial, what=what, command=run, expected=Expected.REFUSED, names=("out.csv",), tells="")

    def check(_: Ran) -> None:
        if path.read_bytes() != before:
            raise Fault(Outcome.LOSS, "the input was overwritten")

    return replace(trial, what=what, command=command, expected=Expected.REFUSED, names=(out.name,), check=check)


def damaged_state(place: Place, generator: np.random.Generator) -> Trial:
    """A network or a screen's folder with a file cut, altered, emptied, deleted, or put elsewhere."""
    world, library = World(place.world), compounds_of(place)
    of_screen = bool(generator.integers(2))
    folder = place.folder / ("hits" if of_screen else "model")
    screen = (
        "screen", "--model", str(world.rma_model), "--expression", str(world.folder / "rma_samples.csv"),
        "--compounds", str(library), "--out", str(place.folder / "hits"), "--mode", "full", "--shard-pairs", "14",
    )  # fmt: skip
    command = screen
    if of_screen:
        from benchmarks.robustness.worker import run_here

        half = bool(generator.integers(2))
        run_here(Trial("", "", (lambda: _half_a_screen(screen)) if half else screen), place.folder)
    else:
        shutil.copytree(world.rma_model, folder)
        command = predict(folder, world.folder / "rma_samples.csv", library, place.folder / "out.csv")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    victim = files[int(generator.integers(len(files)))]
    what = str(generator.choice(["cut", "bits", "empty", "gone", "json bomb", "huge number", "text"]))
    _harm(victim, what, generator)
    trial = Trial("", f"{what}: {victim.relative_to(place.folder)}", command, Expected.EITHER)
    if of_screen:
        return replace(trial, check=_all_pairs(folder))
    return replace(trial, check=predictions(place.folder / "out.csv", world.truth("rma"), SAMPLES, SOME))


def _half_a_screen(arguments: tuple[str, ...]) -> None:
    """A screen that is interrupted after its first shard."""
    from unittest.mock import patch

    from drugripple.cli.app import app

    def stop(_: object, done: int, total: int) -> None:
        if 0 < done < total:
            raise KeyboardInterrupt

    with patch("drugripple.cli.console.Progress.update", lambda _, *told: stop(*told)):
        app(list(arguments))


def _all_pairs(folder: Path):
    def check(_: Ran) -> None:
        rows = pd.concat([pd.read_parquet(part) for part in sorted((folder / "full").rglob("*.parquet"))])
        if len(rows) != len(SAMPLES) * len(SOME):
            raise Fault(Outcome.LOSS, f"{len(rows)} rows of {len(SAMPLES) * len(SOME)}")

    return check


def _harm(path: Path, what: str, generator: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    match what:
        case "cut":
            path.write_bytes(bytes(content[: int(generator.integers(len(content) or 1))]))
        case "bits":
            for at in generator.integers(0, max(1, len(content)), 3) if content else ():
                content[at] ^= 1 << int(generator.integers(8))
            path.write_bytes(bytes(content))
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "json bomb":
            path.write_text("[" * 100_000)
        case "huge number":
            path.write_text(json.dumps({"rows": 1}).replace("1", "9" * 5_000))
        case "text":
            path.write_text("nothing of it\n")


def hostile_text(place: Place, generator: np.random.Generator) -> Trial:
    """Files that are none: nested JSON or TOML, archives as tables, control characters, binary, no line end."""
    what = str(
        generator.choice(
            [
                "json",
                "zip",
                "tar",
                "control",
                "no end",
                "html",
                "one cell",
                "nul",
                "huge number",
                "toml",
                "xlsx",
                "quotes",
            ]
        )
    )
    path, verb = place.folder / str(generator.choice(["x.csv", "x.tsv", "x.txt", "x.parquet", "x.h5ad"])), "doctor"
    content: bytes = {
        "json": b'{"a":' * 50_000,
        "zip": b"PK\x03\x04" + bytes(200),
        "tar": bytes(257) + b"ustar" + bytes(300),
        "control": b"gene\tA\x1b[31m\x07\nTP53\t\x1b]0;x\x07\n",
        "no end": b"x" * 2_000_000,
        "html": b"<!doctype html><html><body>Log in</body></html>",
        "one cell": b"1",
        "nul": b"gene,a\nTP53,\0\n",
        "huge number": b"gene,a,b\nTP53," + b"9" * 5_000 + b",1\nMYC,1,2\n",
        "toml": b"a = " + b"[" * 50_000,
        "xlsx": b"PK\x03\x04xl/workbook.xml" + bytes(50),
        "quotes": b'"' * 10_001 + b"\n" + b'"' * 10_001,
    }[what]
    path.write_bytes(content)
    if what == "toml":
        path = place.folder / "run.toml"
        path.write_bytes(content)
        return Trial("", what, ("finetune", str(path)), Expected.REFUSED, ("run.toml",))
    return Trial("", f"{what} as {path.name}", ("data", verb, str(path)), Expected.REFUSED, (path.name,))


def consoles(place: Place, generator: np.random.Generator) -> Trial:
    """Names beyond ASCII, on consoles that cannot show them, without a home, under an unknown locale."""
    chosen = np.array([4, 11])
    path = place.folder / "x.csv"
    frame(chosen).set_axis(names_of(chosen)).to_csv(path, encoding="utf-8")
    environment = [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "xx_YY.UTF-8"},
        {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent/cache"},
        {"TERM": "dumb", "COLUMNS": "20"},
    ][int(generator.integers(6))]
    trial = asked(place, path, f"{environment}", chosen)
    return replace(trial, environment=environment)


def linked(place: Place, generator: np.random.Generator) -> Trial:
    """HDF5 whose parts lie in other files, which would come out as names of samples."""
    chosen = some_samples(generator)
    path = place.folder / "x.h5ad"
    table = frame(chosen).set_axis(names_of(chosen))
    anndata.AnnData(table.astype(np.float32)).write_h5ad(path)
    part = str(generator.choice(["X", "obs/_index", "var/_index"]))
    secret = place.folder / "secret.txt"
    secret.write_text("root:x:0:0\n" * 50)
    with h5py.File(path, "a") as file:
        shape, kind = file[part].shape, file[part].dtype
        del file[part]
        if generator.integers(2):
            file[part] = h5py.ExternalLink(str(place.folder / "other.h5"), "/x")
        else:
            fixed = np.dtype("S8") if kind.hasobject else kind
            file.create_dataset(part, shape=shape, dtype=fixed, external=[(str(secret), 0, h5py.h5f.UNLIMITED)])
    return asked(place, path, f"{part} elsewhere", chosen, expected=Expected.REFUSED)


def formulas(place: Place, generator: np.random.Generator) -> Trial:
    """Names that a spreadsheet would run, with the flag that makes them harmless."""
    names = generator.permutation(["=cmd|' /C calc'!A0", "+1+2", "-chloro", "@SUM(1)", "plain"])[:3].tolist()
    world, path, out = World(place.world), place.folder / "c.csv", place.folder / "out.csv"
    pd.DataFrame({"name": names, "smiles": list(COMPOUNDS.values())[:3]}).to_csv(path, index=False)
    command = ("--safe-cells", *predict(world.rma_model, world.folder / "rma_samples.csv", path, out))

    def check(_: Ran) -> None:
        cells = pd.read_csv(out, dtype=str, keep_default_na=False)["compound"]
        if cells.str.startswith(("=", "+", "-", "@")).any() or set(cells.str.removeprefix("'")) != set(names):
            raise Fault(Outcome.WRONG, f"{sorted(set(cells))}")

    return Trial("", f"{names}", command, Expected.READ, (), "", check)

"""`drugripple screen`: a library of any length with a panel of samples."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from drugripple.cli.choices import Expression, Missing, MissingOption, Model, Precision, PrecisionOption
from drugripple.cli.console import result, say, watching

if TYPE_CHECKING:
    from drugripple.recipes.screen.estimate import Estimate


class ScreenMode(StrEnum):
    """What to write."""

    TOP = "top"
    FULL = "full"


class Where(StrEnum):
    """Where the workers run."""

    LOCAL = "local"
    RAY = "ray"


def screen(
    model: Model,
    expression: Expression,
    compounds: Annotated[
        Path, typer.Option("--compounds", help="csv, tsv, parquet or smi of any length, with SMILES.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for this screen alone; started again, it goes on.")],
    mode: Annotated[
        ScreenMode, typer.Option(help="The best compounds of every sample, or every pair.")
    ] = ScreenMode.TOP,
    top: Annotated[int, typer.Option(help="Compounds a sample (mode top).", min=1)] = 100,
    shard_pairs: Annotated[int, typer.Option(help="Pairs that are computed and written together.", min=1)] = 1_000_000,
    workers: Annotated[int, typer.Option(help="Processes; the cores are shared between them.", min=1)] = 1,
    backend: Annotated[Where, typer.Option(help="Processes of this machine, or of a Ray cluster.")] = Where.LOCAL,
    address: Annotated[str, typer.Option(help="Of a running Ray cluster; blank starts one here.")] = "",
    cache: Annotated[bool, typer.Option("--cache", help="Keep molecules for further screens of this library.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take; start and write nothing.")
    ] = False,
    missing: MissingOption = Missing.REFUSE,
    precision: PrecisionOption = Precision.FLOAT32,
) -> None:
    """Find the compounds of a library that hit each sample hardest, in bounded memory; goes on after a kill."""
    chosen: Literal["full", "top"] = "full" if mode is ScreenMode.FULL else "top"
    if dry_run:
        from drugripple.recipes.screen.estimate import estimate

        result(
            as_text(
                estimate(
                    model, expression, compounds, out, mode=chosen, top=top, shard_pairs=shard_pairs,
                    missing=missing.value, precision=precision.value, workers=workers,
                )
            )
        )  # fmt: skip
        return
    from drugripple.recipes.screen.run import screen as run

    with watching() as watch:
        done = run(
            model, expression, compounds, out, mode=chosen, top=top, shard_pairs=shard_pairs, missing=missing.value,
            precision=precision.value, workers=workers, backend=backend.value, address=address, cache=cache,
            progress=watch.progress,
        )  # fmt: skip
    card = done.card
    for note in card.notes:
        say(note)
    if card.left_out:
        say(f"{card.left_out:,} lines of the library were left out: {out / 'left_out.csv'} says why")
    say(f"{card.pairs:,} predictions of {card.plan.samples:,} samples")
    result(str(done.result))


def as_text(found: "Estimate") -> str:
    """An estimate as a person reads it."""
    plan = found.plan
    unusable = f", {found.unusable} of which cannot be used" if found.unusable else ""
    rows = {
        "pairs": f"{plan.pairs:,}: {plan.samples:,} samples x {plan.lines:,} lines of the library",
        "shards": f"{plan.shards:,} of {plan.compounds_a_shard:,} compounds",
        "molecules": f"{_time(found.molecule_seconds)} ({found.molecules_per_second:,.1f} a second and worker)",
        "prediction": f"{_time(found.pair_seconds)} ({found.pairs_per_second:,.0f} pairs a second and worker)",
        "together": f"{_time(found.molecule_seconds + found.pair_seconds)} with {found.workers} worker(s)",
        "memory": f"at most {found.memory_bytes / 2**30:.2f} GiB, however many pairs",
        "disk": f"at most {found.disk_bytes / 2**30:.3f} GiB and a copy of the library while it runs; "
        f"{found.free_bytes / 2**30:,.1f} GiB free",
        "measured": f"here, on {found.sampled} lines of the library{unusable}",
    }
    lines = [f"{name:11s}{text}" for name, text in rows.items()]
    return "\n".join([*lines, *found.notes, "nothing was started"])


def _time(seconds: float) -> str:
    """Whole seconds, as 0:00:07 or 1 day, 2:03:04."""
    return str(timedelta(seconds=round(seconds)))

"""`drugripple reproduce`: experiments of the paper, one after another, and the living paper that tells of them."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from drugripple.config import write_run
from drugripple.errors import OutputError, first_five
from drugripple.recipes.reproduce.item import ITEMS, Finding, Verdict
from drugripple.recipes.reproduce.kept import Origin, keep, origin_of, read_kept
from drugripple.recipes.reproduce.living_paper import living_paper
from drugripple.recipes.reproduce.settings import ReproduceRun
from drugripple.recipes.reproduce.workshop import Workshop, folder_of
from drugripple.recipes.run_folder import RUN_FILE, growing_folder
from drugripple.report.figures import drawn_as_png
from drugripple.report.html import write
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import hardware, versions
from drugripple.training.made_from import changed_since

PAPER = "living_paper.html"


class Reproduced(NamedTuple):
    """A finished run."""

    paper: Path
    findings: dict[str, Finding]
    """The findings by item, including those of earlier runs in the same folder."""


def run_reproduce(
    run: ReproduceRun,
    *,
    command: str = "drugripple reproduce",
    on_item: Callable[[str, Finding], None] = lambda _name, _found: None,
    progress: Progress = no_progress,
) -> Reproduced:
    """Do every experiment that is asked for and not done yet, and write the living paper after each.

    A run that was killed goes on with the experiment that it was at.

    Raises:
        OutputError: if the folder holds an outcome of other settings or of other data, and `overwrite` is off.
        DrugrippleError: if the data cannot be used.
    """
    settings = run.model_dump_json(exclude={"item", "out", "data", "workers", "overwrite"})
    with growing_folder(run, run.out, inputs=[run.data]):
        workshop = Workshop(run, progress)
        now = Origin(settings, workshop.files)
        others = {name: told for name in run.names if (told := _of_another(folder_of(run, name), now))}
        if others and not run.overwrite:
            told = "; ".join(f"{name} of {why}" for name, why in others.items())
            message = f"{run.out} holds {told}; choose another folder, or set `overwrite` to replace it"
            raise OutputError(message)
        write_run(run, run.out / RUN_FILE)
        for number, name in enumerate(run.names):
            progress("experiments", number, len(run.names))
            if origin_of(folder_of(run, name)) != now:
                with drawn_as_png() as pictures:
                    found = ITEMS[name].work()(workshop)
                keep(found, now, folder_of(run, name), pictures)
                on_item(name, found)
            _publish(run, command)
        progress("experiments", len(run.names), len(run.names))
        return Reproduced(run.out / PAPER, _publish(run, command))


def _of_another(folder: Path, now: Origin) -> str:
    """What differs in the outcome of a folder, settings or data; blank if it may be kept, or be done anew unasked.

    One that only waited for data is done anew when files have come.
    """
    before = origin_of(folder)
    if before is None or before == now:
        return ""
    if before.settings != now.settings:
        return "other settings"
    changed = changed_since(before.files, now.files)
    waited = any(claim.verdict is Verdict.NEEDS_DATA for claim in read_kept(folder).claims)
    return "" if waited and not set(changed) & set(before.files) else f"other data ({first_five(changed)} changed)"


def _publish(run: ReproduceRun, command: str) -> dict[str, Finding]:
    folders = {name: folder_of(run, name) for name in ITEMS}
    findings = {name: read_kept(folder) for name, folder in folders.items() if origin_of(folder) is not None}
    provenance = {"command": command, "hardware": hardware()}
    provenance |= {"versions": ", ".join(f"{name} {version}" for name, version in versions().items())}
    write(living_paper(findings, provenance, quick=run.quick), run.out / PAPER)
    return findings

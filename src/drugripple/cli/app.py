"""The verbs by group. The file of a verb is imported when the verb is asked for, so that `--help` stays quick."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from difflib import get_close_matches
from importlib import import_module
from typing import Annotated, NamedTuple, Protocol, runtime_checkable

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from drugripple.errors import ConfigError
from drugripple.runtime.cells import SAFE_CELLS


class Verb(NamedTuple):
    """Where a verb is defined, and what it does, in one line."""

    module: str
    summary: str


GROUPS: Mapping[str, Mapping[str, Verb]] = {
    "Use": {
        "quickstart": Verb("use", "Run the main job on real data and write a report; a quarter of an hour."),
        "predict": Verb("use", "Predict the response of every sample to every compound."),
        "build-default": Verb("default_model", "Build the model that is used where none is named; minutes."),
        "example": Verb("default_model", "Write an example of the files to ask about: ten samples and ten compounds."),
        "calibrate": Verb("default_model", "Tell the default model your own measurements."),
        "suggest": Verb("default_model", "Say which compounds to measure next in samples, or samples for a compound."),
        "explain": Verb("why", "Say why: measured samples and genes behind a prediction."),
        "what-if": Verb("why", "Say what the model would answer with a gene up or down."),
        "serve": Verb("serve", "Open a local page: samples and compounds in, ranked compounds with intervals out."),
        "screen": Verb("use", "Find the compounds of a library that hit each sample hardest."),
        "card": Verb("use", "Print what a model is, what it learnt from and under which terms."),
    },
    "Train": {
        "pretrain-molecules": Verb("train", "Stage 0: pretrain a molecule encoder on SMILES."),
        "pretrain": Verb("train", "Stage 1: pretrain on L1000 profiles of treated cells."),
        "finetune": Verb("train", "Stage 2: fine-tune on measured responses, or fit a model by name."),
    },
    "Evaluate": {
        "benchmark": Verb("evaluate", "Cross-validate models on the same folds and report."),
        "tune": Verb("evaluate", "Search the settings of a network on validation rows."),
        "audit": Verb("evaluate", "Look for leaks in anybody's split."),
        "reproduce": Verb("reproduce", "Do experiments of the CSG2A paper again, with controls."),
        "patients": Verb("reproduce", "Test predictions against how patients fared."),
        "ceiling": Verb("evaluate", "Estimate from real repeats how good a perfect model could look."),
    },
    "Data": {
        "data": Verb("data", "Public data sets, and a check of your own files."),
        "drevalpy": Verb("drevalpy", "Exchange folds and predictions with the benchmark drevalpy."),
    },
}
GROUPS_OF_VERBS = ("data", "drevalpy")
"""Verbs that have verbs of their own; the summary of each is the help of its group."""

OTHER_NAMES: Mapping[str, str] = {
    "why": "explain", "explain-prediction": "explain", "condition": "calibrate",
    "next-experiments": "suggest", "page": "serve", "doctor": "data doctor",
}  # fmt: skip
"""What the pages and the methods of a model call a verb."""


@runtime_checkable
class HelpWriter(Protocol):
    """The part of click's help formatter that is used here."""

    def section(self, name: str) -> AbstractContextManager[None]:
        """A heading, and what stands below it."""

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None:
        """Two columns: names and what they mean."""


class VerbGroup(TyperGroup):
    """All verbs, each imported when it is asked for."""

    def list_commands(self, _context: object) -> list[str]:
        """Every verb, group by group."""
        return [name for verbs in GROUPS.values() for name in verbs]

    def get_command(self, context: object, name: str) -> TyperCommand | TyperGroup | None:
        """Import a verb.

        Raises:
            ConfigError: if there is none of that name; it names the one that may be meant.
        """
        found = {verb: home for verbs in GROUPS.values() for verb, home in verbs.items()}.get(name)
        if found is None:
            meant = _meant(name, self.list_commands(context))
            what = f"did you mean {meant}?" if meant else "`drugripple --help` lists what there is"
            message = f"there is no verb {name!r}; {what}"
            raise ConfigError(message)
        group = get_group(import_module(f"drugripple.cli.{found.module}").app)
        command = group if name in GROUPS_OF_VERBS else group.commands[name]
        return command if isinstance(command, TyperCommand | TyperGroup) else None

    def format_commands(self, _context: object, formatter: HelpWriter) -> None:
        """Write the verbs under the names of their groups."""
        for group, verbs in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(name, verb.summary) for name, verb in verbs.items()])


def _meant(name: str, verbs: Sequence[str]) -> str:
    """The verb that a word may stand for: by another of its names, misspelt or begun; blank if it is like none."""
    word = name.casefold().replace("_", "-")
    if not word.strip():
        return ""
    like = [*get_close_matches(word, verbs, n=1), *(verb for verb in verbs if verb.startswith(word))]
    return OTHER_NAMES.get(word, like[0] if like else "")


app = typer.Typer(
    name="drugripple",
    cls=VerbGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> bool:
    if asked:
        from drugripple import __version__
        from drugripple.cli.console import print_result

        print_result(f"drugripple {__version__}")
        raise typer.Exit
    return asked


@app.callback()
def drugripple(
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
    safe_cells: Annotated[
        bool, typer.Option("--safe-cells", help="In csv files, put a quote before text that a spreadsheet would run.")
    ] = False,
) -> None:
    """How will these cells respond to this compound, how sure is that, and through which genes?

    `drugripple VERB --help` says what a verb takes.
    """
    SAFE_CELLS.set(safe_cells)

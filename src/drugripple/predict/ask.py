"""From files to answers: any kind of model is asked about samples and compounds, and its rows are written or shown."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from drugripple.config import default_model_folder
from drugripple.data.pair_kind import LEVEL
from drugripple.data.tables import CompoundTable
from drugripple.errors import ConfigError
from drugripple.model.settings import Precision
from drugripple.predict.answers import Answers
from drugripple.predict.choices import Missing, Ranked, Ranking, Size, refuse_unheard, require_expression
from drugripple.predict.frames import require_format, write_frames
from drugripple.predict.load import fitted_folder, is_default_model
from drugripple.predict.named import rows_of
from drugripple.predict.workbook import require_room, write_workbook
from drugripple.report import html
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.lock import lock_file
from drugripple.runtime.outputs import files_below, refuse_inputs
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import today, versions

if TYPE_CHECKING:
    from drugripple.predict.default import DefaultModel
    from drugripple.predict.own_samples import OwnSamples
    from drugripple.report.document import Report


class Predicted(NamedTuple):
    """How many samples and compounds were written, and the notes."""

    samples: int
    compounds: int
    notes: tuple[str, ...]

    @property
    def pairs(self) -> int:
        """Number of rows: every sample with every compound."""
        return self.samples * self.compounds


@dataclass(frozen=True)
class Question:
    """Samples and compounds, and how to answer; a model refuses what speaks to another kind of model."""

    expression: Path | Sequence[str] | None
    """A file; the default model takes names of its samples, too, or None for all of them."""
    compounds: Path | Sequence[str] | None
    """A file, or a list of SMILES; the default model takes names of its compounds, too, or None for all of them."""
    model: Path | None = None
    """Folder of a model of any kind; the default model of this machine unless given."""
    scale: str | None = None
    """Scale of the expression, if it is stated; found out otherwise."""
    layer: str = ""
    """Layer of an .h5ad to read, or `raw`."""
    missing: Missing = Missing.REFUSE
    """What a network or a fitted predictor does with genes that were not measured."""
    size: Size = Size.TRAINED
    """What a network does with molecules larger than any that it was trained on."""
    precision: Precision = Precision.FLOAT32
    """Number format of a network's predictions."""
    level: float = LEVEL
    """Probability with which an interval of the default model covers a new measurement."""
    compact: bool = False
    """Whether the default model writes names, response, interval and domain only."""
    top: int | None = None
    """How many compounds of each sample, or samples of each compound, the default model keeps of those in its domain;
    all unless given."""
    by: Ranking | None = None
    """What they are chosen by; as `PredictionTable.best` unless given."""
    rank: Ranked | None = None
    """Whether compounds or samples are kept; unless given, samples where only compounds are named, compounds else."""
    sample: Sequence[str] = ()
    """Samples of the file that the default model is to answer for, read beside the others; all unless given."""

    def __post_init__(self) -> None:
        """Take a text for a path: of the expression, of the model, and of the compounds.

        Raises:
            ConfigError: if an order is given, and not how many rows are kept.
        """
        for name in ("expression", "compounds", "model"):
            if isinstance(given := getattr(self, name), str):
                object.__setattr__(self, name, Path(given))
        if self.top is None and (self.by is not None or self.rank is not None):
            message = "`by` and `rank` say which rows `top` keeps; give `top`, too"
            raise ConfigError(message)

    @property
    def inputs(self) -> list[Path]:
        """Every file that is read."""
        files = [given for given in (self.expression, self.compounds) if isinstance(given, Path)]
        return [*files, *files_below(self.model or default_model_folder())]

    def told(self) -> dict[str, object]:
        """What is asked, of which model and by which version, for the file of notes."""
        given = {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default}
        asked = {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}
        return {
            "drugripple": versions()["drugripple"],
            "date": today(),
            "model": str(self.model or default_model_folder()),
            **({"level": self.level} if self.of_default else {}),
            "asked": asked,
        }

    @property
    def of_default(self) -> bool:
        """Whether the default model is asked."""
        return self.model is None or is_default_model(self.model)

    @property
    def ranked(self) -> Ranked:
        """Whether compounds or samples are kept."""
        by_compound = self.expression is None and self.compounds is not None
        return self.rank or (Ranked.SAMPLES if by_compound else Ranked.COMPOUNDS)

    def answers(self, *, profiles: bool = False, progress: Progress = no_progress) -> Answers:
        """Load the model, read the files, and begin to answer.

        Args:
            profiles: whether a network's predicted profiles are wanted, too.
            progress: told of molecules and pairs.

        Raises:
            ConfigError: if something is said that speaks to another kind of model.
            DrugrippleError: if a file or the model cannot be used.
        """
        network_only = {"perturbed": profiles, "size": self.size != Size.TRAINED,
                        "precision": self.precision != Precision.FLOAT32}  # fmt: skip
        if self.model is None or self.of_default:
            refuse_unheard(network_only, "a network")
            refuse_unheard({"missing": self.missing != Missing.REFUSE}, "a network or a model of the catalogue")
            return self._of_default(progress)
        only_default = {"sample": bool(self.sample), "level": self.level != LEVEL, "compact": self.compact,
                        "top": self.top is not None}  # fmt: skip
        refuse_unheard(only_default, "the default model")
        if self.compounds is None:
            message = "name the compounds by `compounds` or `smiles`; only the default model knows some by itself"
            raise ConfigError(message)
        expression = require_expression(self.expression)
        if fitted_folder(self.model) is not None:
            refuse_unheard(network_only, "a network")
            return self._of_fitted(self.model, expression, self.compounds, progress)
        return self._of_network(self.model, expression, self.compounds, progress, profiles=profiles)

    def _of_default(self, progress: Progress) -> Answers:
        from drugripple.predict.default_files import open_default
        from drugripple.predict.ranked import Top

        model = open_default(self.model)
        asked = model.samples(self.expression, scale=self.scale, layer=self.layer)
        if self.sample:
            asked = asked.take(rows_of(tuple(dict.fromkeys(self.sample)), asked.names, "sample"))
        table = model.compounds(self.compounds)
        compact = self.compact and self.top is None
        found = model.ask(asked, table, level=self.level, compact=compact, progress=progress)
        found = found._replace(page=partial(self._page, model, asked, table))
        if self.top is None:
            return found
        top = Top(self.top, model.measure, self.ranked, self.by)
        best = top.of_all(found.frames)
        if self.compact:
            best = map(top.short, best)
        return found._replace(notes=(*found.notes, top.note), frames=best)

    def _page(
        self, model: "DefaultModel", asked: "OwnSamples", compounds: CompoundTable, rows: pd.DataFrame
    ) -> "Report":
        from drugripple.predict.page.answer import Answer
        from drugripple.predict.page.document import report

        files = [one.name for one in (self.expression, self.compounds) if isinstance(one, Path)]
        answer = Answer.of(model, asked, compounds, rows, self.level)
        title = " with ".join(files) or "what the model knows"
        return report(title, answer, rank=self.ranked, best=self.top is not None)

    def _of_fitted(
        self, folder: Path, expression: Path, compounds: Path | Sequence[str], progress: Progress
    ) -> Answers:
        from drugripple.predict.fitted import load_fitted_model
        from drugripple.sources.user.compounds import read_compounds

        model = load_fitted_model(folder)
        samples = model.samples(expression, missing=self.missing, scale=self.scale, layer=self.layer)
        return model.ask(samples, read_compounds(compounds), progress=progress)

    def _of_network(
        self, folder: Path, expression: Path, compounds: Path | Sequence[str], progress: Progress, *, profiles: bool
    ) -> Answers:
        from drugripple.predict.model import load_network

        model = load_network(folder, precision=self.precision)
        asked = model.request(
            expression, compounds, missing=self.missing, scale=self.scale, layer=self.layer, size=self.size,
            progress=progress,
        )  # fmt: skip
        found = model.ask(asked, progress=progress)
        if not profiles:
            return found
        from drugripple.predict.profiles import profile_blocks

        return found._replace(profiles=profile_blocks(model, asked))


def predict_files(
    question: Question, out: Path, *, perturbed: Path | None = None, progress: Progress = no_progress
) -> Predicted:
    """Write the answers to .parquet, .csv, .xlsx or .html, and a network's predicted profiles to .parquet, if wanted.

    An .html file is a report for reading, with a map of the samples and the structures drawn; the default model's only.

    Beside the answers, `NAME.notes.json` keeps what was asked and the notes. Memory does not grow with the number of
    pairs, but for a workbook and a report: rows are written as they are computed. Files appear under their names only
    when all is complete.

    Raises:
        DrugrippleError: as `Question.answers`; if a name tells no format; if an output is an input, or in use.
    """
    require_format(out, (".parquet", ".csv", ".xlsx", ".html"))
    if out.suffix == ".html":
        refuse_unheard({"an output that ends in .html": not question.of_default}, "the default model")
        if question.compact:
            message = "`compact` leaves out what a report shows; leave it out, or write .csv"
            raise ConfigError(message)
    kept = notes_file(out)
    outputs = [out, kept]
    if perturbed is not None:
        require_format(perturbed, (".parquet",))
        if perturbed.resolve() == out.resolve():
            message = f"predictions and profiles cannot both go to {out}; name two files"
            raise ConfigError(message)
        outputs.append(perturbed)
    refuse_inputs(outputs, question.inputs)
    with ExitStack() as files:
        for path in outputs:
            if path != kept:
                files.enter_context(lock_file(path))
        found = question.answers(profiles=perturbed is not None, progress=progress)
        if out.suffix in (".xlsx", ".html") and question.top is None:  # before hours of predictions
            require_room(found.samples * found.compounds, "a workbook" if out.suffix == ".xlsx" else "a report")
        whole = files.enter_context(whole_file(out))
        if out.suffix == ".xlsx":
            said = (f"intervals of {question.level:.0%}",) if question.of_default else ()
            write_workbook(whole, found.table(), (*said, *found.notes))
        elif found.page is not None and out.suffix == ".html":
            whole.write_text(html.render(found.page(found.table())), encoding="utf-8")
        else:
            write_frames(whole, out.suffix, found.frames)
        if perturbed is not None and found.profiles is not None:
            write_frames(files.enter_context(whole_file(perturbed)), ".parquet", found.profiles)
        told = question.told() | {"samples": found.samples, "compounds": found.compounds, "notes": found.notes}
        files.enter_context(whole_file(kept)).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return Predicted(found.samples, found.compounds, found.notes)


def notes_file(out: Path) -> Path:
    """The file beside a table of answers that keeps what was asked and the notes.

    >>> notes_file(Path("answers.csv")).name
    'answers.csv.notes.json'
    """
    return out.with_name(f"{out.name}.notes.json")

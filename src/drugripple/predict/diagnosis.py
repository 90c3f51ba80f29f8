"""What the doctor finds in files, and what the default model of this machine would say of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drugripple.config import default_model_folder
from drugripple.errors import DrugrippleError, counted, first_five
from drugripple.predict.default import DefaultModel
from drugripple.predict.default_files import open_default
from drugripple.sources.user.doctor import Content, Diagnosis, Examination, examine
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.findings import Finding, Level, Topic, problem_of
from drugripple.sources.user.response_units import ResponseUnit
from drugripple.sources.user.stated_scale import StatedScale

VALUES_AT_MOST = 50_000_000
"""Numbers that are read for the default model beside those that the doctor needs: 2,900 samples."""
BYTES_AT_MOST = 10_000_000
"""Larger files that are not understood are not searched for names of compounds."""


def diagnose(
    paths: Sequence[str | Path],
    *,
    hgnc: Path | None = None,
    scale: StatedScale | None = None,
    layer: str = "",
    unit: ResponseUnit | None = None,
) -> Diagnosis:
    """What `examine` finds; where a default model was built, also whether it takes the files, and what it notes.

    It is asked about expression, and about compounds of which some have no structure: it may know them by name.

    Raises:
        SourceError: as `examine`.
    """
    found = examine(paths, hgnc=hgnc, scale=scale, layer=layer, unit=unit)
    if not default_model_folder().is_dir() or not any(map(_is_to_be_asked, found.files)):
        return found
    try:
        model = open_default(None)
    except DrugrippleError as error:
        told = Finding(Level.NOTE, Topic.DEFAULT, f"it was not asked: {error}")
        return Diagnosis(tuple(_with(one, told) if _is_to_be_asked(one) else one for one in found.files))
    files = (_asked(model, one, scale, layer) if _is_to_be_asked(one) else one for one in found.files)
    return Diagnosis(tuple(files))


def _is_to_be_asked(one: Examination) -> bool:
    if one.content == Content.EXPRESSION:
        return one.samples > 0
    path = Path(one.path)
    lacking = any(found.topic == Topic.STRUCTURES and found.level == Level.NOTE for found in one.findings)
    maybe = one.content in (Content.COMPOUNDS, Content.UNKNOWN) and (lacking or not one.sound)
    return maybe and path.is_file() and path.stat().st_size <= BYTES_AT_MOST


def _asked(model: DefaultModel, one: Examination, scale: StatedScale | None, layer: str) -> Examination:
    """A file with what the default model says of it."""
    if one.content != Content.EXPRESSION:
        return _named(model, one)
    genes = len(model.calibrated.predictor.traits.kernel.genes)
    if one.samples * genes > VALUES_AT_MOST:
        what = f"it was not asked: {one.samples:,} samples are many to read for that; `predict` says it"
        return _with(one, Finding(Level.NOTE, Topic.DEFAULT, what))
    path = Path(one.path)
    try:
        samples = model.samples(path, scale=scale, layer=layer if kind_of(path) == FileKind.H5AD else "")
    except DrugrippleError as error:
        refused = replace(problem_of(error), topic=Topic.DEFAULT)
        return replace(_with(one, refused), only_default=False, only_network=one.sound)
    said = {str(finding) for finding in one.findings}
    notes = [Finding(Level.FINE, Topic.DEFAULT, note) for note in samples.notes if note not in said]
    return replace(_with(one, *notes), only_default=not one.sound)


def _named(model: DefaultModel, one: Examination) -> Examination:
    """A file that may hold names of compounds which the model knows."""
    try:
        compounds = model.compounds(Path(one.path))
    except DrugrippleError:
        return one
    known = {str(finding) for finding in one.findings}
    notes = [Finding(Level.FINE, Topic.DEFAULT, note) for note in compounds.notes if note not in known]
    if one.sound:
        return _with(one, *notes)
    what = f"{counted(len(compounds), 'compound goes', 'compounds go')} by name: {first_five(compounds.names)}"
    found = _with(one, Finding(Level.FINE, Topic.DEFAULT, what), *notes)
    return replace(found, content=Content.COMPOUNDS, only_default=True)


def _with(one: Examination, *findings: Finding) -> Examination:
    return replace(one, findings=(*one.findings, *findings))

"""What a person filled in, as a question; or what is wrong with it, in words."""

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile

from drugripple.app.catalogue import Catalogue
from drugripple.app.question import Question
from drugripple.app.uploads import keep_upload
from drugripple.app.written import WRITTEN
from drugripple.errors import ConfigError, first_five

LEVELS = {"50 %": 0.5, "80 %": 0.8, "90 %": 0.9, "95 %": 0.95}
LONGEST_TEXT = 1 << 20
"""Characters of SMILES that may be written into the form."""


class Asked(NamedTuple):
    """A question, where its uploads lie, and what it is called."""

    question: Question
    folder: Path
    title: str


def read_form(form: FormData, catalogue: Catalogue, uploads: Path) -> Asked:
    """Keep what was uploaded, and say what is asked.

    Raises:
        ConfigError: if samples or compounds are given twice or not at all, or are not known.
    """
    folder = Path(mkdtemp(dir=uploads))
    try:
        return _read(form, catalogue, folder)
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise


def _read(form: FormData, catalogue: Catalogue, folder: Path) -> Asked:
    samples, called = _one_of(
        {
            "a file of expression": _upload(form, "expression", folder),
            "known samples": _known(form, "samples", catalogue.samples, "sample"),
        },
        "samples",
    )
    compounds, _ = _one_of(
        {
            "a file of compounds": _upload(form, "compounds", folder),
            "SMILES": _written(form, folder),
            "known compounds": _known(form, "known_compounds", catalogue.compounds, "compound"),
            "all known compounds": catalogue.compounds if form.get("all_compounds") else (),
        },
        "compounds",
    )
    level = LEVELS.get(str(form.get("level", "90 %")))
    if level is None:
        message = f"an interval covers one of {', '.join(LEVELS)}; choose one of these"
        raise ConfigError(message)
    file = form.get("expression")
    title = file.filename if isinstance(file, UploadFile) and file.filename else called
    return Asked(Question(samples, compounds, level), folder, title)


Given = Path | tuple[str, ...]


def _one_of(given: dict[str, Given | None], what: str) -> tuple[Given, str]:
    """The one way that was used to say which samples or compounds, and its name."""
    used = [(value, name) for name, value in given.items() if value]
    if len(used) != 1:
        several = " and ".join(name for _, name in used)
        how = f"{several} are given, leave all but one empty" if used else f"give one of {', '.join(given)}"
        message = f"it is not clear which {what} you mean: {how}"
        raise ConfigError(message)
    return used[0]


def _upload(form: FormData, field: str, folder: Path) -> Path | None:
    file = form.get(field)
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return keep_upload(file.file, file.filename, folder, field)


def _written(form: FormData, folder: Path) -> Path | None:
    text = str(form.get("smiles", "")).strip()
    if not text:
        return None
    if len(text) > LONGEST_TEXT:
        message = (
            f"the SMILES have {len(text):,} characters, and the field takes {LONGEST_TEXT:,}; upload them as a file"
        )
        raise ConfigError(message)
    path = folder / WRITTEN
    path.write_text(text + "\n", encoding="utf-8", errors="replace", newline="\n")
    return path


def _known(form: FormData, field: str, known: tuple[str, ...], what: str) -> tuple[str, ...]:
    names = tuple(str(value) for value in form.getlist(field))
    strange = [name for name in names if name not in known]
    if strange:
        message = f"{len(strange)} {what}s are not known to the model: {first_five(strange)}; choose from its list"
        raise ConfigError(message)
    return names

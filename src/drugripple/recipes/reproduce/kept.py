"""The outcome of an experiment as files: finding.json, csv tables, figures; read back for the living paper."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drugripple.errors import OutputError, first_line
from drugripple.recipes.reproduce.item import Claim, Drawing, Finding, Verdict
from drugripple.runtime.atomic import whole_folder, write_csv, write_json, write_text
from drugripple.runtime.nesting import read_json_text
from drugripple.training.made_from import MadeFrom

FINDING = "finding.json"


class Origin(NamedTuple):
    """What an outcome is an outcome of."""

    settings: str
    """Everything of the run that decides it, as JSON."""
    files: MadeFrom
    """SHA-256 of every file of the data."""


def keep(finding: Finding, origin: Origin, folder: Path, pictures: Mapping[str, bytes] | None = None) -> None:
    """Write it as a folder, whole or not at all; `pictures` are figures as PNG by their SVG (`drawn_as_png`)."""
    content = {
        "made_with": origin.settings,
        "made_from": dict(origin.files),
        "claims": [claim._asdict() for claim in finding.claims],
        "prose": list(finding.prose),
        "tables": list(finding.tables),
        "figures": {name: drawing.caption for name, drawing in finding.figures.items()},
    }
    with whole_folder(folder, replace=True) as part:
        for name, table in finding.tables.items():
            write_csv(part / f"{name}.csv", table, float_format="%.6g")
        for name, drawing in finding.figures.items():
            write_text(part / f"{name}.svg", drawing.svg)
            if pictures and drawing.svg in pictures:
                (part / f"{name}.png").write_bytes(pictures[drawing.svg])
        write_json(part / FINDING, content)


def origin_of(folder: Path) -> Origin | None:
    """What the outcome in a folder was made with and from; None where there is none.

    Raises:
        OutputError: if it is damaged.
    """
    if not (folder / FINDING).is_file():
        return None
    content = _content(folder)
    return Origin(content["made_with"], content["made_from"])


def read_kept(folder: Path) -> Finding:
    """An outcome that `keep` wrote.

    Raises:
        OutputError: if it is damaged.
    """
    content = _content(folder)
    try:
        claims = tuple(Claim(**claim | {"verdict": Verdict(claim["verdict"])}) for claim in content["claims"])
        return Finding(
            claims,
            tuple(content["prose"]),
            {name: pd.read_csv(folder / f"{name}.csv") for name in content["tables"]},
            {
                name: Drawing((folder / f"{name}.svg").read_text(encoding="utf-8"), caption)
                for name, caption in content["figures"].items()
            },
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from error


def _content(folder: Path) -> dict:
    try:
        found = read_json_text((folder / FINDING).read_bytes())
        if not (isinstance(found["made_with"], str) and isinstance(found["made_from"], dict)):
            message = "it does not say what it was made from"
            raise TypeError(message)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from error
    return found


def _damaged(folder: Path, error: Exception) -> OutputError:
    return OutputError(f"{folder} is damaged ({first_line(error)}); remove it to do the experiment again")

"""Which of the files that a build is given is what, by the names that their publishers gave them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drugripple.errors import SourceError, first_five
from drugripple.sources.public.genuine import KEPT

Files = Mapping[str, tuple[Path, ...]]
"""The files of each role."""


@dataclass(frozen=True)
class Role:
    """A file that a build takes, known by its name."""

    pattern: str
    """Regular expression that is found in its name."""
    what: str
    needed: bool = True
    many: bool = False
    """Whether several files may have the role."""


def files_by_role(name: str, files: Sequence[Path], roles: Mapping[str, Role]) -> Files:
    """Each role's files; in a folder, files without a role are passed over.

    Args:
        name: of the build, for messages.
        files: files, and folders that hold them.
        roles: what the build takes.

    Raises:
        SourceError: if a role has none or too many, or a file that is named has no role.
    """
    strange = [path.name for path in files if not (path.is_dir() or _role_of(path, roles))]
    if strange:
        message = f"{name} does not know what {first_five(strange)} is; files must keep their publisher's names"
        raise SourceError(message)
    found: dict[str, list[Path]] = {role: [] for role in roles}
    for path in _each(files):
        if role := _role_of(path, roles):
            found[role].append(path)
    missing = [role.what for key, role in roles.items() if role.needed and not found[key]]
    if missing:
        message = f"{name} also needs {first_five(missing)}; `drugripple data fetch {name}` brings them"
        raise SourceError(message)
    for key, paths in found.items():
        if len(paths) > 1 and not roles[key].many:
            shown = first_five(path.name for path in paths)
            message = f"{name} takes one file as {roles[key].what}, got {len(paths)}: {shown}"
            raise SourceError(message)
    return {key: tuple(paths) for key, paths in found.items()}


def _each(files: Sequence[Path]) -> Iterator[Path]:
    """The files that are named, and those of the folders that are."""
    for given in files:
        yield from sorted(path for path in given.iterdir() if path.suffix != KEPT) if given.is_dir() else [given]


def _role_of(path: Path, roles: Mapping[str, Role]) -> str | None:
    return next((key for key, role in roles.items() if re.search(role.pattern, path.name)), None)

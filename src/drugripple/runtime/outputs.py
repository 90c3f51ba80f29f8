"""An input is never an output, and a result is never replaced unasked."""

from collections.abc import Iterable
from pathlib import Path

from drugripple.errors import OutputError


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Refuse outputs that are inputs, under whatever name: call it before anything is read or written.

    Raises:
        OutputError: naming the first output that is an input, by its path or through links.
    """
    given = list(inputs)
    for output in outputs:
        for one in given:
            if _is_same(output, one):
                message = f"{output} is an input ({one}) and would be replaced by a result; name another output"
                raise OutputError(message)


def refuse_existing(results: Iterable[Path], *, overwrite: bool) -> None:
    """Refuse to replace the files of an earlier result, unless that is asked for.

    Raises:
        OutputError: naming the first of them that is there.
    """
    if not overwrite and (found := next((path for path in results if path.is_file()), None)):
        message = f"{found} exists already; choose another name, or set `overwrite` to replace it"
        raise OutputError(message)


def refuse_file(folder: Path) -> None:
    """Refuse a file where a folder is to be written: call it before anything is read, and before it is replaced.

    Raises:
        OutputError: if something other than a folder has the name.
    """
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is a file, and the result is a folder; choose another name"
        raise OutputError(message)


def refuse_other_content(folder: Path, *kept: str) -> None:
    """Refuse to replace a folder that is no earlier result, which holds one of the files `kept`; and a file.

    Raises:
        OutputError: if it is a file, or holds something else.
    """
    refuse_file(folder)
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / name).is_file() for name in kept):
        message = f"{folder} holds something else; choose another folder"
        raise OutputError(message)


def files_below(folder: Path) -> list[Path]:
    """A folder and every file in it, for `refuse_inputs`; only itself where it is a file or absent."""
    return [folder, *(path for path in folder.rglob("*") if path.is_file())]


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except OSError:
        return False

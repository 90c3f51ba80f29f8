"""How long are the ways: the files and containers that a value passes between the door of a command and its number.

    python -m tools.ways "CC(=O)Oc1ccccc1C(=O)O" predict --model my_run --expression s.csv --compounds c.csv --out p.csv
    python -m tools.ways "" finetune run.toml

A file counts if a function of it is called with the text or with what holds it: our classes, lists and data frames.
With "" every file counts that is entered; what runs while a module is imported counts for nothing. A container is a
class of ours that holds the text then.
"""

import sys
from collections import Counter
from dataclasses import fields, is_dataclass
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType

import pandas as pd

import drugripple
from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of

HOME = Path(drugripple.__file__).parent
DEPTH, MEMBERS, CALLS = 5, 400, 8


def holders(text: str, held: object, depth: int = DEPTH) -> set[str] | None:
    """Classes of ours around the text in what is held; None if it is not there."""
    if isinstance(held, str):
        return set() if held == text else None
    parts: list[object] = []
    if isinstance(held, list | tuple):
        parts.extend([part for part in held if isinstance(part, str) and part == text][:1] or held[:MEMBERS])
    elif is_dataclass(held) and not isinstance(held, type):
        parts = [getattr(held, field.name, None) for field in fields(held)]
    elif isinstance(held, pd.DataFrame | pd.Series):
        parts = [text] if text in held.to_csv() else []
    found = [inner for part in parts if depth and (inner := holders(text, part, depth - 1)) is not None]
    own = {type(held).__name__} if type(held).__module__.startswith("drugripple") else set()
    return own.union(*found) if found else None


def main(text: str, *command: str) -> None:
    """Run a command, and print what the text was passed through."""
    passed: dict[str, set[str]] = {}
    calls: Counter[str] = Counter()
    importing = 0

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal importing
        code = frame.f_code
        if code.co_name == "<module>" and event in ("call", "return"):
            importing += 1 if event == "call" else -1
        if (
            not importing
            and event == "call"
            and code.co_filename.startswith(str(HOME))
            and code.co_flags & CO_OPTIMIZED
        ):  # no class body
            calls[f"{code.co_filename} {code.co_qualname}"] += 1
            few = calls[f"{code.co_filename} {code.co_qualname}"] <= CALLS
            found = (holders(text, list(frame.f_locals.values())) if text else set()) if few else None
            if found is not None:
                passed.setdefault(str(Path(code.co_filename).relative_to(HOME)), set()).update(found)

    sys.setprofile(watch)
    exit_code_of(lambda: app(command))
    sys.setprofile(None)
    for file, classes in passed.items():
        print(f"{file:50s} {', '.join(sorted(classes))}")
    print(f"{len(passed)} files, {len(set().union(*passed.values()))} containers")


if __name__ == "__main__":
    main(*sys.argv[1:])

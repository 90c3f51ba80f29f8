"""Renames tensors of checkpoints, once, after layers of the networks got other names; the tensors stay as they are.

    python -m tools.rename_tensors src/drugripple/weights/l1000-landmark

RENAMED is the change of the rebuild, when hidden layers became `Projection`s with named parts; it has been applied to
the weights that travel with the package. The card keeps everything but its two digests.
"""

import argparse
import hashlib
import json
from pathlib import Path

from safetensors.torch import load_file, save

RENAMED = {
    "condition.project.": "condition.projection.linear.",
    "condition.norm.": "condition.projection.norm.",
    "output.0.": "output.narrow.",
    "output.1.": "output.wide.",
}
"""How a name of a stage-1 tensor began before, and how it begins now."""


def rename(folder: Path) -> int:
    """Rename the tensors of one checkpoint and sign its card anew; returns how many had an old name."""
    tensors_file, card_file = folder / "model.safetensors", folder / "card.json"
    before = load_file(tensors_file)
    after = {_new_name(name): tensor for name, tensor in before.items()}
    tensors_file.write_bytes(save(after))
    card = json.loads(card_file.read_text(encoding="utf-8"))
    card["tensors_sha256"] = hashlib.sha256(tensors_file.read_bytes()).hexdigest()
    unsigned = {key: value for key, value in card.items() if key != "card_sha256"}
    card["card_sha256"] = hashlib.sha256(json.dumps(unsigned, sort_keys=True).encode()).hexdigest()
    card_file.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(before.keys() - after.keys())


def _new_name(name: str) -> str:
    for old, new in RENAMED.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name


def main() -> None:
    """Rename the tensors of the folders named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="checkpoint folders, changed in place")
    for folder in parser.parse_args().folders:
        print(f"{folder}: {rename(folder)} tensors renamed")


if __name__ == "__main__":
    main()

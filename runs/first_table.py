"""From `pip install` done to the first table with intervals: the time of a newcomer who has a default model.

    python -m runs.first_table                   with the default model of this machine
    python -m runs.first_table --model FOLDER

The wheel of this checkout is installed into an environment of its own, which takes the dependencies from the one that
runs this. Then, offline (every proxy leads nowhere) and in cold processes: `drugripple example`, and `drugripple
predict` of what it wrote. Printed: seconds of each, and the first rows.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from drugripple.config import default_model_folder
from drugripple.predict.example import EXAMPLE_COMPOUNDS, EXAMPLE_SAMPLES
from drugripple.runtime.provenance import hardware

ROOT = Path(__file__).parents[1]
NOWHERE = "http://127.0.0.1:9"
SECONDS = 600


def install(place: Path) -> Path:
    """An environment with the wheel; returns its `drugripple`."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(place), str(ROOT)]
    _run(pip, place, dict(os.environ))
    _run([sys.executable, "-m", "venv", str(place / "venv")], place, dict(os.environ))
    site = next((place / "venv" / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    wheel = next(place.glob("drugripple-*.whl"))
    programs = place / "venv" / "bin"
    _run([str(programs / "python"), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], place, _clean())
    found = _run([str(programs / "python"), "-c", "import drugripple; print(drugripple.__file__)"], place, _clean())
    if not Path(found.strip()).is_relative_to(place / "venv"):
        message = f"the environment runs {found.strip()}, not the wheel"
        raise SystemExit(message)
    return programs / "drugripple"


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _run(command: Sequence[str], place: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=place, env=environment, text=True, timeout=SECONDS, check=False, capture_output=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(arguments: Sequence[str] | None = None) -> None:
    """Install, ask, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=default_model_folder(), help="folder of a default model")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        program = str(install(place))
        offline = _clean() | dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
        offline |= {"DRUGRIPPLE_CACHE": str(place / "cache")}
        model = ["--model", str(options.model.resolve())]
        took = []
        for command in (
            ["example", "--out", ".", *model],
            ["predict", "--expression", EXAMPLE_SAMPLES, "--compounds", EXAMPLE_COMPOUNDS, "--out", "p.csv", *model],
        ):
            start = time.monotonic()
            _run([program, *command], place, offline)
            took.append(time.monotonic() - start)
        table = pd.read_csv(place / "p.csv")
    print(table[["sample", "compound", "ic50_um", "low_um", "high_um", "in_domain"]].head(3).to_string(index=False))
    print(
        f"example {took[0]:.1f} s, predict {took[1]:.1f} s: {len(table)} rows with intervals {sum(took):.1f} s after "
        f"installation; {hardware()}, a load of {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()

"""The newcomer's hour: every step of docs/tour.md, run in a fresh clone, with its output and its time.

python -m runs.tour                                 everything from a fresh clone of this checkout, quickstart included
python -m runs.tour --clone https://...             the same from a clone of another place
python -m runs.tour --data ../shared/data --folds 3 without the quickstart, on a folder of the tidy layout
"""

import argparse
import os
import re
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import numpy as np
import pandas as pd

from drugripple.runtime.provenance import hardware

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tour.md"
LONGEST, WIDEST = 24, 160
MOST_SECONDS = 3600
"""That one step may take."""
OF_THIS_MACHINE = ("WARNING: Location", "[notice]")
"""What pip says of its index and of itself."""
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
TOKEN = re.compile(r"(http://127\.0\.0\.1:)\d+/[\w-]+/")
COMPOUNDS = {"aspirin": ASPIRIN, "erlotinib": "COCCOc1cc2ncnc(Nc3cccc(C#C)c3)c2cc1OCCOC"}


@dataclass
class Tour:
    """The page as it is written, and the folder in which its steps run."""

    place: Path
    clone: str = str(ROOT)
    """What is cloned."""
    data: str = ""
    """The folder that the model learns from, if it is given."""
    lines: list[str] = field(default_factory=list)

    installed: str = ""
    """The folder of programs of an environment that is installed already, instead of a fresh clone."""

    @property
    def programs(self) -> Path:
        """Where `drugripple` lies."""
        return Path(self.installed) if self.installed else self.place / "drugripple" / ".venv" / "bin"

    def say(self, *paragraphs: str) -> None:
        """Words between steps."""
        for paragraph in paragraphs:
            self.lines += [*textwrap.wrap(paragraph, 130, break_on_hyphens=False), ""]

    def run(self, command: str, *, shown: str = "", within: str = "", told: bool = True) -> str:
        """Run a command of the fresh clone, write what it printed and how long it took if told; returns its output."""
        path = os.pathsep.join([str(self.programs), os.environ["PATH"]])
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment |= {"PATH": path, "COLUMNS": "120", "DRUGRIPPLE_CACHE": str(self.place / "cache")}
        start = time.monotonic()
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.place / within,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=MOST_SECONDS,
        )
        seconds, said = time.monotonic() - start, self.clean(done.stdout + done.stderr)
        print(f"{seconds:7.1f} s  {command}\n{said}")
        if done.returncode:
            raise SystemExit(done.returncode)
        if told:
            self.block(shown or command, said, seconds)
        return done.stdout

    def block(self, command: str, said: str, seconds: float) -> None:
        """A command with its output and time."""
        printed = said.splitlines()
        cut = [line if len(line) <= WIDEST else line[: WIDEST - 1] + "…" for line in printed[:LONGEST]]
        cut += [f"… ({len(printed) - LONGEST} more lines)"] if len(printed) > LONGEST else []
        self.lines += ["<!-- not run: this page was written by the run itself -->", "```console"]
        self.lines += [f"$ {command}", *cut, "```", "", f"*{seconds:.1f} seconds.*", ""]

    def clean(self, text: str) -> str:
        """Output without this machine's folders and without the token."""
        for folder, name in ((str(self.place), "."), (self.data, "DATA")):
            text = text.replace(folder, name) if folder else text
        kept = [line for line in text.splitlines() if not line.startswith(OF_THIS_MACHINE)]
        return TOKEN.sub(r"\1PORT/TOKEN/", "\n".join(kept)).strip()


def own_file(data: Path, out: Path) -> None:
    """Three made-up samples as an h5ad: Ensembl ids, and genes in the rows, where samples belong.

    Each is the mean of two cell lines, so that the model knows none of them.
    """
    from anndata import AnnData

    known = pd.read_csv(ROOT / "src" / "drugripple" / "genes" / "landmarks.csv")
    genes = known.set_index("symbol")["ensembl_id"].dropna()
    lines = pd.read_parquet(next(data.rglob("gdsc/expression.parquet")))
    lines = lines.set_index("cell_line") if "cell_line" in lines else lines
    both = [symbol for symbol in genes.index if symbol in lines]
    values = lines[both].to_numpy(dtype=np.float32)
    mixed = np.stack([values[[3 * i, 3 * i + 1]].mean(axis=0) for i in range(3)])
    names = pd.DataFrame(index=[f"biopsy {i + 1}" for i in range(3)])
    AnnData(mixed.T, obs=pd.DataFrame(index=genes[both].tolist()), var=names).write_h5ad(out)


def serve_step(tour: Tour, model: str) -> None:
    """Start the page, ask it as a browser would, and say how long the first answer took."""
    command = [str(tour.programs / "drugripple"), "serve", "--model", model, "--no-open", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    start = time.monotonic()
    with subprocess.Popen(command, cwd=tour.place, stdout=subprocess.PIPE, text=True, env=environment) as server:
        address = (server.stdout.readline() if server.stdout else "").strip()
        try:
            with httpx2.Client(timeout=120, follow_redirects=True) as browser:
                browser.get(address)
                ready, asked = time.monotonic() - start, time.monotonic()
                file = {"expression": ("biopsies.h5ad", (tour.place / "biopsies.h5ad").read_bytes())}
                page = browser.post(urljoin(address, "ask"), files=file, data={"all_compounds": "1"})
                while "/questions/" in str(page.url) and not browser.get(f"{page.url}/state").json()["over"]:
                    time.sleep(0.05)
                page = browser.get(str(page.url))
                answered = time.monotonic() - asked
        finally:
            server.terminate()
    if "/answers/" not in str(page.url):
        raise SystemExit(page.text)
    tour.block("drugripple serve", f"{tour.clean(address)}", ready)
    rows = len(re.findall(r'<th scope="row"', page.text))
    tour.say(
        "The page was ready then. After the upload of `biopsies.h5ad` with all known compounds the first answer, "
        f"{rows} compounds of the first sample with their structures, was there in {answered:.1f} seconds."
    )


def write_tour(tour: Tour, options: argparse.Namespace) -> None:
    """All steps, one after the other."""
    data = Path(options.data).resolve() if options.data else None
    tour.say(
        "# An hour with drugripple",
        "From nothing to a prediction, its reasons, a few measurements and the local page. `python -m runs.tour` runs "
        "every step, and writes this page with what each printed and how long it took. Two CPU cores did it beside "
        "much other work, so that the times are upper bounds.",
    )
    tour.say("## Install")
    if tour.installed:
        tour.say("This run used an environment that was installed before, with `make setup` in a clone.")
    else:
        tour.run(
            f"git clone --quiet {tour.clone} drugripple && cd drugripple && make setup",
            shown="git clone … drugripple && cd drugripple && make setup",
        )
        commit = tour.run("git rev-parse --short HEAD", within="drugripple", told=False).strip()
        tour.say(f"This page was written at {commit}, on {hardware()}.")
    tour.say("## A model")
    if data is None:
        tour.run("make quickstart", within="drugripple")
        folder = "cache/models/default"
        data = tour.place / "cache"
    else:
        folder = "my_model"
        tour.say("The model learns from GDSC2, here from a folder that holds it already; without `--data` it is "
                 f"fetched. This run takes {options.folds} parts for its intervals where the default takes ten, "
                 "fingerprints instead of MiniMol, and no other studies.")  # fmt: skip
        build = f"--folds {options.folds} --no-studies --out my_model --set model.structure=fingerprint"
        tour.run(
            f"drugripple build-default --data {data} {build}", shown=f"drugripple build-default --data DATA {build}"
        )
    own_file(data, tour.place / "biopsies.h5ad")
    pd.Series(COMPOUNDS, name="smiles").rename_axis("name").to_csv(tour.place / "compounds.csv")
    tour.say("## My files", "Three samples as an h5ad with Ensembl ids, saved with genes where samples belong, and two "
             "compounds. The doctor looks first:")  # fmt: skip
    tour.run("drugripple data doctor biopsies.h5ad compounds.csv")
    tour.say("## Predict")
    tour.run(f"drugripple predict --expression biopsies.h5ad --compounds compounds.csv --model {folder}")
    tour.say("## Why?")
    write_why(tour, folder)
    tour.run(f"python why.py {folder}", shown="python why.py")
    tour.say("## A few measurements of my own", "Which compounds tell most about all the others?")
    tour.run(f"drugripple suggest --expression biopsies.h5ad --model {folder} --number 2 --out next.csv")
    next_ones = pd.read_csv(tour.place / "next.csv").assign(ic50_um=0.5)
    next_ones[["sample", "smiles", "ic50_um"]].to_csv(tour.place / "measured.csv", index=False)
    tour.say("Say that each was measured at 0.5 µM. The model is told, and asked again:")
    tour.run(f"drugripple calibrate --expression biopsies.h5ad --responses measured.csv --model {folder} --out told")
    tour.run("drugripple predict --expression biopsies.h5ad --compounds compounds.csv --model told")
    tour.say("## Click instead")
    serve_step(tour, folder)


def write_why(tour: Tour, folder: str) -> None:
    """The script of the step why, shown before it is run."""
    code = (
        "import sys\n\nimport drugripple\n\n"
        "model = drugripple.load(sys.argv[1])\n"
        f'why = model.explain_prediction("biopsies.h5ad", "{COMPOUNDS["erlotinib"]}", sample="biopsy 1")\n'
        "print(why.terms.round(3).to_string(index=False))\n"
        'print(why.samples[["sample", "tissue", "contribution"]].head(5).round(3).to_string(index=False))\n'
        'shown = ["gene", "slope", "mean_z", "mean_q_permuted", "is_target"]\n'
        "print(why.genes[shown].head(5).round(3).to_string(index=False))\n"
    )
    (tour.place / "why.py").write_text(code, encoding="utf-8")
    shown = code.replace("sys.argv[1]", f'"{folder}"').removeprefix("import sys\n\n").rstrip()
    tour.lines += ["```text", *shown.splitlines(), "```", ""]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tour and write its page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="a folder of the tidy layout, instead of the quickstart")
    parser.add_argument("--clone", default=str(ROOT), help="what to clone: a folder or an address")
    parser.add_argument("--folds", type=int, default=10, help="parts for the intervals of the model")
    parser.add_argument("--installed", default="", help="folder of programs to use, instead of a fresh clone")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        data = str(Path(options.data).resolve()) if options.data else ""
        tour, start = Tour(Path(place), options.clone, data, installed=options.installed), time.monotonic()
        write_tour(tour, options)
        tour.say(f"All of it took {(time.monotonic() - start) / 60:.0f} minutes.")
    PAGE.write_text("\n".join(tour.lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The newcomer's hour: every step of docs/tour.md, run in a fresh clone, with its output and its time.

python -m runs.tour                        everything from a fresh clone of this checkout, quickstart included
python -m runs.tour --clone https://...    the same from a clone of another place
python -m runs.tour --model FOLDER         without clone and quickstart: this environment, a model that was built before

Every step has a time limit, at which all its processes are ended. What the steps write lies in a temporary folder.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from urllib.parse import urljoin

import httpx2
import numpy as np
import pandas as pd

from drugripple.runtime.provenance import hardware

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tour.md"
LONGEST, WIDEST = 24, 160
SECONDS, SECONDS_OF_LONG = 300, 3600
"""That a step may take, and the installation or the quickstart."""
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
    model: Path | None = None
    """A model that was built before; with it, the environment that runs this is used."""
    lines: list[str] = field(default_factory=list)

    @property
    def programs(self) -> Path:
        """Where `drugripple` lies."""
        return Path(sys.executable).parent if self.model else self.place / "drugripple" / ".venv" / "bin"

    @property
    def environment(self) -> dict[str, str]:
        """Of every step: our own programs first, and downloads and models below our own folder."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" or self.model}
        path = os.pathsep.join([str(self.programs), os.environ["PATH"]])
        quiet = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "advice.detachedHead", "GIT_CONFIG_VALUE_0": "false"}
        return kept | quiet | {"PATH": path, "COLUMNS": "120", "DRUGRIPPLE_CACHE": str(self.place / "cache")}

    def say(self, *paragraphs: str) -> None:
        """Words between steps."""
        for paragraph in paragraphs:
            self.lines += [*textwrap.wrap(paragraph, 130, break_on_hyphens=False), ""]

    @contextmanager
    def started(self, command: Sequence[str], *, within: str = "") -> Iterator[subprocess.Popen[str]]:
        """A program of the tour; it and all that it started are ended when the block is left."""
        with subprocess.Popen(
            command, cwd=self.place / within, env=self.environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as program:  # fmt: skip
            try:
                yield program
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(program.pid, signal.SIGTERM)

    def run(
        self, command: str, *, shown: str = "", within: str = "", told: bool = True, seconds: float = SECONDS
    ) -> str:
        """Run a command, write what it printed and how long it took if told; returns its output.

        Raises:
            SystemExit: if it fails, or takes longer than it may.
        """
        start = time.monotonic()
        with self.started(["bash", "-c", command], within=within) as program:
            try:
                printed, _ = program.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise SystemExit(f"{command}: not done after {seconds:.0f} seconds") from None
        took, said = time.monotonic() - start, self.clean(printed)
        print(f"{took:7.1f} s  {command}\n{said}", flush=True)
        if program.returncode:
            raise SystemExit(program.returncode)
        if told:
            self.block(shown or command, said, took)
        return printed

    def block(self, command: str, said: str, seconds: float) -> None:
        """A command with its output and time."""
        printed = said.splitlines()
        cut = [line if len(line) <= WIDEST else line[: WIDEST - 1] + "…" for line in printed[:LONGEST]]
        cut += [f"… ({len(printed) - LONGEST} more lines)"] if len(printed) > LONGEST else []
        self.lines += ["<!-- not run: this page was written by the run itself -->", "```console"]
        self.lines += [f"$ {command}", *cut, "```", "", f"*{seconds:.1f} seconds.*", ""]

    def clean(self, text: str) -> str:
        """Output without this machine's folders and without the token."""
        text = text.replace(f"{self.place}{os.sep}", "").replace(str(self.place), ".")
        kept = [line for line in text.splitlines() if not line.startswith(OF_THIS_MACHINE)]
        return TOKEN.sub(r"\1PORT/TOKEN/", "\n".join(kept)).strip()


def own_file(out: Path) -> None:
    """Three made-up samples as an h5ad: Ensembl ids, and genes in the rows, where samples belong.

    Each is the mean of two training samples of the model, so that the model knows none of them, on the scale of a
    microarray.
    """
    from anndata import AnnData

    from drugripple.predict import load

    known = pd.read_csv(ROOT / "src" / "drugripple" / "genes" / "landmarks.csv")
    genes = known.set_index("symbol")["ensembl_id"].dropna()
    training = load(out.parent / "cache" / "models" / "default").training
    place = {symbol: column for column, symbol in enumerate(training.genes.symbols)}
    both = [symbol for symbol in genes.index if symbol in place]
    values = training.values[:6, [place[symbol] for symbol in both]].astype(np.float32)
    names = pd.DataFrame(index=[f"biopsy {i + 1}" for i in range(3)])
    mixed = 6 + 2 * values.reshape(3, 2, -1).mean(axis=1)
    AnnData(mixed.T, obs=pd.DataFrame(index=genes[both].tolist()), var=names).write_h5ad(out)


def serve_step(tour: Tour) -> None:
    """Start the page, ask it as a browser would, and say how long the first answer took."""
    start = time.monotonic()
    with tour.started([str(tour.programs / "drugripple"), "serve", "--no-open", "--port", "0"]) as server:
        timer = Timer(SECONDS, server.kill)
        timer.start()
        try:
            address = next((line.strip() for line in server.stdout or () if line.startswith("http")), "")
            with httpx2.Client(timeout=SECONDS, follow_redirects=True) as browser:
                browser.get(address)
                ready, asked = time.monotonic() - start, time.monotonic()
                file = {"expression": ("biopsies.h5ad", (tour.place / "biopsies.h5ad").read_bytes())}
                page = browser.post(urljoin(address, "ask"), files=file, data={"all_compounds": "1"})
                while "/questions/" in str(page.url) and not browser.get(f"{page.url}/state").json()["over"]:
                    time.sleep(0.05)
                page = browser.get(str(page.url))
                answered = time.monotonic() - asked
        finally:
            timer.cancel()
    if "/answers/" not in str(page.url):
        raise SystemExit(page.text)
    tour.block("drugripple serve", f"{tour.clean(address)}", ready)
    rows = len(re.findall(r'<th scope="row"', page.text))
    tour.say(
        "The page was ready then. After the upload of `biopsies.h5ad` with all known compounds the first answer, "
        f"{rows} compounds of the first sample with their structures, was there in {answered:.1f} seconds."
    )


def write_tour(tour: Tour) -> None:
    """All steps, one after the other."""
    busy = os.getloadavg()[0]
    other = f"; other work kept the cores busy (a load of {busy:.1f} when it began), so that times are upper bounds"
    tour.say(
        "# An hour with drugripple",
        "From nothing to a prediction, its reasons, a few measurements and the local page. `python -m runs.tour` runs "
        "every step, and writes this page with what each printed and how long it took. For research only, not for "
        "decisions about patients.",
    )
    if tour.model:
        shutil.copytree(tour.model, tour.place / "cache" / "models" / "default")
    else:
        install(tour, other if busy > 0.3 else "")
    own_file(tour.place / "biopsies.h5ad")
    pd.Series(COMPOUNDS, name="smiles").rename_axis("name").to_csv(tour.place / "compounds.csv")
    tour.say("## My files", "Three samples as an h5ad with Ensembl ids, saved with genes where samples belong, and two "
             "compounds. The doctor looks first:")  # fmt: skip
    tour.run("drugripple data doctor biopsies.h5ad compounds.csv")
    tour.say("## Predict", "No model is named, so the default model answers.")
    tour.run("drugripple predict --expression biopsies.h5ad --compounds compounds.csv")
    tour.say("## Why?")
    write_why(tour)
    tour.run("python why.py")
    tour.say("## A few measurements of my own", "Which compounds tell most about all the others?")
    tour.run("drugripple suggest --expression biopsies.h5ad --number 2 --out next.csv")
    next_ones = pd.read_csv(tour.place / "next.csv").assign(ic50_um=0.5)
    next_ones[["sample", "smiles", "ic50_um"]].to_csv(tour.place / "measured.csv", index=False)
    tour.say("Say that each was measured at 0.5 µM. The model is told, and asked again:")
    tour.run("drugripple calibrate --expression biopsies.h5ad --responses measured.csv --out told")
    tour.run("drugripple predict --expression biopsies.h5ad --compounds compounds.csv --model told")
    tour.say("## Click instead")
    serve_step(tour)


def install(tour: Tour, other: str) -> None:
    """From nothing to the default model."""
    tour.say("## Install")
    tour.run(
        f"git clone --quiet {tour.clone} drugripple && cd drugripple && make setup",
        shown="git clone … drugripple && cd drugripple && make setup", seconds=SECONDS_OF_LONG,
    )  # fmt: skip
    commit = tour.run("git rev-parse --short HEAD", within="drugripple", told=False).strip()
    tour.say(f"This page was written at {commit}, on {hardware()}{other}.")
    tour.say("## A model", "One command fetches GDSC2, fine-tunes a network as the paper does, writes its report, and "
             "builds the default model, which answers from here on.")  # fmt: skip
    tour.run("make quickstart", within="drugripple", seconds=SECONDS_OF_LONG)


def write_why(tour: Tour) -> None:
    """The script of the step why, shown before it is run."""
    code = (
        "import drugripple\n\n"
        'model = drugripple.load("default")\n'
        f'why = model.explain("biopsies.h5ad", "{COMPOUNDS["erlotinib"]}", sample="biopsy 1")\n'
        "print(why.terms.round(3).to_string(index=False))\n"
        'columns = ["sample", "similarity", "measured", "contribution"]\n'
        "print(why.samples[columns].head(5).round(3).to_string(index=False))\n"
        'shown = ["gene", "slope", "mean_z", "mean_q_permuted", "mean_q_others"]\n'
        "print(why.genes[shown].head(5).round(3).to_string(index=False))\n"
    )
    (tour.place / "why.py").write_text(code, encoding="utf-8")
    tour.lines += ["```text", *code.rstrip().splitlines(), "```", ""]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tour and write its page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clone", default=str(ROOT), help="what to clone: a folder or an address")
    parser.add_argument("--model", type=Path, help="folder of a default model, instead of clone and quickstart")
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        tour, start = Tour(Path(place), options.clone, options.model), time.monotonic()
        write_tour(tour)
        tour.say(f"All of it took {(time.monotonic() - start) / 60:.0f} minutes.")
    options.page.write_text("\n".join(tour.lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""`python -m benchmarks.robustness`."""

import argparse
import csv
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.robustness.catalogue import KINDS
from benchmarks.robustness.trial import FINE, Outcome
from benchmarks.robustness.worker import run_all
from benchmarks.robustness.world import make_world
from drugripple.runtime.atomic import whole_file

RESULTS = Path(__file__).parents[2] / "results" / "robustness.csv"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=sys.modules[__name__].__doc__)
    parser.add_argument("--files", type=int, default=2_000, help="how many in all")
    parser.add_argument("--only", action="append", choices=list(KINDS), help="a kind; repeat for several")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the first N files that went wrong")
    parser.add_argument("--out", type=Path, help="the table; results/robustness.csv for a run of all kinds")
    options = parser.parse_args(arguments)
    kinds = options.only or list(KINDS)
    counts = run(kinds, options.files, seed=options.seed, show=options.show)
    out = options.out or (None if options.only else RESULTS)
    if out:
        write(out, counts)
    print_table(counts)
    return int(any(found not in FINE for of_kind in counts.values() for found in of_kind))


def run(kinds, files, *, seed=0, show=0):
    """The outcomes of each kind, counted."""
    shares = sum(KINDS[kind].share for kind in kinds)
    jobs = [(kind, i) for kind in kinds for i in range(max(1, round(files * KINDS[kind].share / shares)))]
    counts = {kind: Counter() for kind in kinds}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder))
        for done, (kind, what, verdict) in enumerate(run_all(jobs, seed, world.folder), start=1):
            counts[kind][verdict.outcome] += 1
            if verdict.outcome not in FINE and show > 0:
                show -= 1
                print(f"{verdict.outcome}: {kind} {jobs[done - 1][1]} ({what}): {verdict.why}", flush=True)
    print(f"{len(jobs):,} files in {time.monotonic() - started:.0f} s")
    return counts


def write(out, counts):
    """One row per kind, one column per outcome."""
    with whole_file(out) as part, part.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["kind", "says", "files", *Outcome])
        for kind, found in counts.items():
            rows.writerow([kind, KINDS[kind].says, found.total(), *(found[outcome] for outcome in Outcome)])


def print_table(counts):
    seen = [outcome for outcome in Outcome if any(found[outcome] for found in counts.values()) or outcome in FINE]
    print(f"{'kind':<20}{'files':>7}" + "".join(f"{outcome:>18}" for outcome in seen))
    for kind, found in counts.items():
        print(f"{kind:<20}{found.total():>7}" + "".join(f"{found[outcome]:>18}" for outcome in seen))


if __name__ == "__main__":
    sys.exit(main())

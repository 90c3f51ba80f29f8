"""Compound files: how they are laid out, how structures are written, what is hostile in them."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from benchmarks.robustness.checks import Check, predictions
from benchmarks.robustness.trial import Expected, Fault, Outcome, Place, Ran, Trial
from benchmarks.robustness.world import COMPOUNDS, SAMPLES, World, predict

NAMES = tuple(COMPOUNDS)
ODD_NAMES = (
    "NA", "nan", "1e5", "=1+2", "X [/red]", "$\\a$", "<b>x</b>", "a\u2028b", "a\u0085b", "Müller's", 'the "best"',
    "1003.0", "TRUE", "-", "β-x", "inf", "x\u202ey", "[bold]", "{0}", "%s", "a;b", "None",
)  # fmt: skip
"""Names that some program takes for something else."""


def tables(place: Place, generator: np.random.Generator) -> Trial:
    """A table of compounds in any layout, some of them under odd names."""
    names, chosen = _named(generator)
    form = _one(generator, ("csv", "tsv", "semicolon", "smi", "parquet", "xlsx", "csv.gz", "smi header", "no header"))
    columns = {"name": names, "smiles": [COMPOUNDS[name] for name in chosen]}
    table = pd.DataFrame(columns)
    if form not in ("smi", "smi header", "no header"):
        if generator.integers(2):
            table.insert(0, "id", [f"D{i}" for i in range(len(names))])
        table = table[generator.permutation(table.columns)]
        table.columns = [_one(generator, (name, name.upper(), name.capitalize())) for name in table.columns]
        if generator.integers(3) == 0:
            table["Formula"] = "C6H6"
    path = place.folder / f"c.{ {'semicolon': 'csv', 'smi header': 'smi', 'no header': 'smi'}.get(form, form) }"
    expected = _write(table, path, form, generator)
    shown = {clean(name): known for name, known in zip(names, chosen, strict=True)}
    tells = ""
    if form == "xlsx" and any(name.startswith("=") for name in names):  # openpyxl writes a formula without a value
        expected, tells = Expected.REFUSED, "formula"
    return asked(place, path, f"{form}: {names}", shown, expected=expected, tells=tells)


def _write(table: pd.DataFrame, path: Path, form: str, generator: np.random.Generator) -> Expected:
    match form:
        case "parquet":
            table.to_parquet(path)
        case "xlsx":
            table.to_excel(path, index=False)
            return Expected.EITHER
        case "smi" | "smi header" | "no header":
            parted = _one(generator, ("\t", " "))
            lines = [f"{smiles}{parted}{name}" for name, smiles in table.itertuples(index=False)]
            lines = [f"smiles{parted}name", *lines] if form == "smi header" else lines
            path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
        case _:
            parted = {"tsv": "\t", "semicolon": ";"}.get(form, ",")
            text = table.to_csv(sep=parted, index=False, quoting=int(generator.integers(2)))
            content = text.encode(_one(generator, ("utf-8", "utf-8-sig", "utf-16")))
            path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return Expected.READ


def spellings(place: Place, generator: np.random.Generator) -> Trial:
    """One molecule in other words: any order of atoms, salts, solvents, atom maps, extensions, charges."""
    chosen = generator.choice(NAMES, 4, replace=False).tolist()
    smiles = [_respelled(COMPOUNDS[name], generator) for name in chosen]
    path = place.folder / _one(generator, ("c.csv", "c.smi", "c.tsv"))
    parted = {".csv": ",", ".tsv": "\t", ".smi": _one(generator, ("\t", " "))}[path.suffix]
    lines = [f"{one}{parted}{name.replace(' ', '_')}" for one, name in zip(smiles, chosen, strict=True)]
    path.write_text("\n".join(([] if path.suffix == ".smi" else [f"smiles{parted}name"]) + lines) + "\n")
    return asked(place, path, f"{smiles} in {path.name}", {name.replace(" ", "_"): name for name in chosen})


COUNTER_IONS = (
    "Cl", "[Na+].[Cl-]", "OS(=O)(=O)O", "CS(=O)(=O)O", "OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(O)=O)cc3ccccc23)c1O", "O",
    "CC(=O)O", "CCCCCCCCCCCCOS(O)(=O)=O", "OC(=O)/C=C/C(=O)O", "Cc1ccc(cc1)S(O)(=O)=O", "OC(C(O)C(=O)O)C(=O)O", "CCO",
    "Br", "[K+].[Br-]", "OC[C@@H](O)[C@@H](O[C@@H]1O[C@H](CO)[C@H](O)[C@H](O)[C@H]1O)[C@H](O)[C@@H](O)C(O)=O",
    "CCCCCCCCCCCCCCCCCC(O)=O",
)  # fmt: skip


def _respelled(smiles: str, generator: np.random.Generator) -> str:
    molecule = Chem.MolFromSmiles(smiles)
    if generator.integers(4) == 0:
        for atom in molecule.GetAtoms():
            atom.SetAtomMapNum(atom.GetIdx() + 1)
    for atom in molecule.GetAtoms():
        if generator.integers(20) == 0:
            atom.SetIsotope(round(atom.GetMass()) + 1)
    for bond in molecule.GetBonds():
        one, other = sorted((bond.GetBeginAtom(), bond.GetEndAtom()), key=lambda atom: atom.GetAtomicNum() == 8)
        oxide = (one.GetSymbol(), other.GetSymbol()) == ("S", "O") and bond.GetBondTypeAsDouble() == 2
        if oxide and generator.integers(3) == 0:  # the same with charges
            bond.SetBondType(Chem.BondType.SINGLE)
            one.SetFormalCharge(one.GetFormalCharge() + 1)
            other.SetFormalCharge(-1)
    order = generator.permutation(molecule.GetNumAtoms()).tolist()
    shuffled = Chem.RenumberAtoms(molecule, order)
    text = Chem.MolToSmiles(shuffled, canonical=False, allBondsExplicit=bool(generator.integers(2)))
    if generator.integers(2):
        salt = str(_one(generator, COUNTER_IONS))
        text = f"{text}.{salt}" if generator.integers(2) else f"{salt}.{text}"
    return text + (" |c:1|" if generator.integers(6) == 0 else "")


METALS = {
    "cisplatin": ("N.N.Cl[Pt]Cl", "[NH3][Pt]([NH3])(Cl)Cl", "[NH3+][Pt-2]([NH3+])(Cl)Cl",
        "N.N.[Cl-].[Cl-].[Pt+2]", "[NH3]->[Pt](<-[NH3])(Cl)Cl"),
    "oxaliplatin": (
        "C1CC[C@H]([C@@H](C1)N)N.C(=O)(C(=O)[O-])[O-].[Pt+2]",
        "[H][N]1([H])[C@@H]2CCCC[C@H]2[N]([H])([H])[Pt]11OC(=O)C(=O)O1",
    ),
}  # fmt: skip


def metals(place: Place, generator: np.random.Generator) -> Trial:
    """Metal complexes: every spelling of one gives the same prediction."""
    name = _one(generator, sorted(METALS))
    path, out = place.folder / "c.csv", place.folder / "out.csv"
    spelled = {f"spelling {i}": text for i, text in enumerate(METALS[name])}
    pd.DataFrame({"name": spelled.keys(), "smiles": spelled.values()}).to_csv(path, index=False)

    def check(ran: Ran) -> None:
        table = pd.read_csv(out, dtype={"sample": str}, keep_default_na=False)
        truth = table[table["compound"] == "spelling 0"].pivot_table("ln_ic50", "sample", "compound").iloc[:, [0]]
        predictions(out, truth.set_axis([name], axis=1), SAMPLES, dict.fromkeys(spelled, name))(ran)

    return replace(asked(place, path, f"{name} in {len(spelled)} spellings", {}), check=check)


HOSTILE = (
    ("C" * 20_000, "long chain"),
    ("C" * 1_900, "chain of 1,900"),
    ("C" * 300, "chain of 300"),
    ("(" * 5_000 + "C" + ")" * 5_000, "nested branches"),
    ("C(" * 900 + "C" + ")" * 900, "nested chain"),
    ("[CH999]", "999 hydrogens"),
    ("[C+99]", "charge"),
    ("[999999999999C]", "isotope"),
    ("C%(99999)CC%(99999)", "ring number"),
    ("[Og]", "heavy element"),
    ("*", "any atom"),
    ("C1CC", "open ring"),
    ("c1cccc1", "no aromat"),
    ("C(C)(C)(C)(C)C", "five bonds"),
    ("", "blank"),
    ("N#N.O.O.[Na+]", "solvents and gas"),
    ("[H][H]", "hydrogen"),
    ("\x07CC", "bell"),
    ("C" + "." * 2_000, "dots"),
    ("C1" * 500, "rings opened"),
    ("=1+1", "formula"),
    ("[U][U]", "metals"),
    ("." .join(["CCO"] * 400), "many parts"),
    ("[" * 3_000, "brackets"),
    ("nan", "nan"),
    ("\ud800".encode("utf-8", "replace").decode(), "replacement"),
)  # fmt: skip


def hostile(place: Place, generator: np.random.Generator) -> Trial:
    """Structures that crash, hang or mean nothing, between two good ones."""
    picked = generator.choice(len(HOSTILE), 2, replace=False)
    good = generator.choice(NAMES, 2, replace=False).tolist()
    rows = [
        (good[0], COMPOUNDS[good[0]]),
        *((f"bad {i}", HOSTILE[i][0]) for i in picked),
        (good[1], COMPOUNDS[good[1]]),
    ]
    path, out = place.folder / "c.csv", place.folder / "out.csv"
    pd.DataFrame(rows, columns=["name", "smiles"]).to_csv(path, index=False, escapechar="\\")
    truth = World(place.world).truth("rma")
    what = [HOSTILE[i][1] for i in picked]
    trial = asked(place, path, f"{what}", {}, expected=Expected.EITHER)

    def check(ran: Ran) -> None:
        known = pd.read_csv(out, keep_default_na=False)
        names = [*good, *(f"bad {i}" for i in picked)]
        taken = known[known["compound"].isin(good)]
        taken.to_csv(out, index=False)
        predictions(out, truth, SAMPLES, {name: name for name in good})(ran)
        lost = [name for name in names if name not in set(known["compound"]) and name not in ran.told]
        if lost:
            raise Fault(Outcome.LOSS, f"not listed: {lost}")

    return replace(trial, check=check)


def hostile_screen(place: Place, generator: np.random.Generator) -> Trial:
    """The same through `screen`: rows in are rows out and rows listed."""
    trial = hostile(place, generator)
    world, folder = World(place.world), place.folder / "hits"
    arguments = (
        "screen", "--model", str(world.rma_model), "--expression", str(world.folder / "rma_samples.csv"), "--compounds",
        str(place.folder / "c.csv"), "--out", str(folder), "--mode", "full",
    )  # fmt: skip

    def check(_: Ran) -> None:
        parts = [pd.read_parquet(part) for part in sorted((folder / "full").rglob("*.parquet"))]
        rows = pd.concat(parts)
        left = pd.read_csv(folder / "left_out.csv") if (folder / "left_out.csv").exists() else ()
        given = len(pd.read_csv(place.folder / "c.csv"))
        if len(rows) != len(SAMPLES) * (given - len(left)):
            raise Fault(Outcome.LOSS, f"{given} rows in, {len(rows) / len(SAMPLES):g} out, {len(left)} listed")

    return replace(trial, command=arguments, check=check, what=f"screen {trial.what}")


def repeated(place: Place, generator: np.random.Generator) -> Trial:
    """Names that repeat, ids that repeat, two structures of one id, doses."""
    chosen = generator.choice(NAMES, 3, replace=False).tolist()
    smiles = [COMPOUNDS[name] for name in chosen]
    path = place.folder / _one(generator, ("c.csv", "c.tsv", "c.parquet"))
    what = _one(generator, ("one name, two ids", "row twice", "id with two structures", "dose 0", "dose text", "doses"))
    table = pd.DataFrame({"id": ["1", "2", "3"], "name": chosen, "smiles": smiles})
    expected, tells = Expected.REFUSED, ""
    match what:
        case "one name, two ids":
            table["name"] = ["Drug A", "Drug A", chosen[2]]
            expected = Expected.READ
        case "row twice":
            table = pd.concat([table, table.iloc[[0]]])
            tells = "repeat"
        case "id with two structures":
            table["id"] = ["1", "1", "3"]
            tells = "structure"
        case "dose 0":
            table["dose_um"] = [1.0, 0.0, 2.0]
            tells = "above 0"
        case "dose text":
            table["dose_um"] = ["1.0", "high", "2.0"]
            tells = "high"
        case "doses":
            table = pd.concat([table.assign(dose_um=1.0), table.assign(dose_um=10.0)])
            expected = Expected.READ
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(
        path, index=False, sep="\t" if path.suffix == ".tsv" else ","
    )
    trial = asked(place, path, f"{what} in {path.suffix}", {}, expected=expected, tells=tells)
    return replace(trial, check=_all_ids(place.folder / "out.csv", table))


def _all_ids(out: Path, given: pd.DataFrame) -> Check:
    """Every id of the file stands in the predictions, as often as in the file."""

    def check(_: Ran) -> None:
        table = pd.read_csv(out, dtype=str)
        if len(table) != len(SAMPLES) * len(given):
            raise Fault(Outcome.LOSS, f"{len(given)} rows in, {len(table) / len(SAMPLES):g} a sample out")
        if "id" not in table or set(table["id"]) != set(given["id"]):
            raise Fault(Outcome.WRONG, f"ids {sorted(set(given['id']))} are not in the columns {list(table.columns)}")

    return check


def asked(
    place: Place,
    path: Path,
    what: str,
    compounds: dict[str, str],
    *,
    expected: Expected = Expected.READ,
    tells: str = "",
) -> Trial:
    """A prediction for compounds of a file; their names there, and those of the truth."""
    world, out = World(place.world), place.folder / "out.csv"
    check = predictions(out, world.truth("rma"), SAMPLES, compounds)
    command = predict(world.rma_model, world.folder / "rma_samples.csv", path, out)
    return Trial("", what, command, expected, (path.name,), tells, check)


def clean(name: str) -> str:
    """A name as it comes back."""
    return name.strip()


def _named(generator: np.random.Generator) -> tuple[list[str], list[str]]:
    """Names for some compounds, odd ones among them, and the compounds."""
    chosen = generator.choice(NAMES, 4, replace=False).tolist()
    odd = generator.choice(ODD_NAMES, 2, replace=False).tolist()
    return [*odd, *chosen[2:]], chosen


def _one(generator: np.random.Generator, choices):
    return choices[int(generator.integers(len(choices)))]

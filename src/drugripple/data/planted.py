"""A planted world in which every analysis of the paper has something to find, and its truth is known.

Genes fall into modules, one per mechanism, and some that belong to none. Each sample has a state per module, which its
genes report; a compound acts on the module of its mechanism. With s the state, u = dose/(dose + 1 µM):

    basal    = 0.8 state of the gene's module + 0.6 noise                            [n g]
    treated  = basal - u (1 + s)₊ on the genes of the compound's module, + noise     [m g]
    ln IC50  = compound + sample - 1.5 s of the compound's module + noise            [m]
    answer of a tumour: good where s of the module is high, with noise

so that sensitive samples move farther, their module moves down, and tumours answer as cell lines do. Tumours are
measured on another platform: every gene of every cancer type has its own shift and scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.data.response import ResponseTable
from drugripple.data.synthetic import MECHANISMS, every_condition, profiles_of
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable, PerturbationTable
from drugripple.errors import TableError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace

CANCERS = ("BRCA", "SKCM")
LEVEL, EFFECT = 8.0, 1.5
EDGES_PER_GENE = 2
DRUGS_PER_PATIENT = 2
NO_MODULE = -1


@dataclass(frozen=True)
class PlantedWorld:
    """What was measured, and the truth behind it."""

    responses: ResponseTable
    """Cell lines as log2 intensities; `tissue` is the cancer type."""
    perturbations: PerturbationTable
    prior: InteractionPrior
    """Most edges lie within modules."""
    gene_sets: Mapping[str, tuple[str, ...]]
    """The module of each mechanism, and as many sets again of random genes."""
    tumours: tuple[ExpressionTable, ...]
    """A cohort per cancer type, as log2(FPKM + 1) on a platform of its own."""
    answers: pd.DataFrame
    """patient, drug, smiles, cancer, response, responder."""
    module_of: Int[np.ndarray, " g"]
    """Number of each gene's mechanism, -1 for none."""


def planted_world(
    seed: int,
    *,
    symbols: tuple[str, ...] = (),
    genes: int = 72,
    lines: int = 60,
    patients: int = 60,
    shuffled: bool = False,
) -> PlantedWorld:
    """A world of its own for every seed. `shuffled` deals responses, changes and answers to other samples.

    Args:
        seed: of everything that is drawn.
        symbols: names of the genes; G1, G2, ... unless given.
        genes: how many, where no names are given.
        lines: cell lines.
        patients: of each cancer type.
        shuffled: whether to deal out of order what follows from the state.

    Raises:
        TableError: if there are too few genes for a module per mechanism.
    """
    space = GeneSpace(symbols or tuple(f"G{number + 1}" for number in range(genes)))
    size = len(space) // (len(MECHANISMS) + 2)
    if size < 3 or lines < 2 * len(CANCERS):
        message = f"{len(space)} genes and {lines} lines are too few; a planted world needs 18 genes and 4 lines"
        raise TableError(message)
    rng = np.random.default_rng(seed)
    module_of = np.full(len(space), NO_MODULE)
    module_of[rng.permutation(len(space))[: size * len(MECHANISMS)]] = np.repeat(np.arange(len(MECHANISMS)), size)
    library = _library()
    state, basal = _samples(rng, lines, module_of)
    names = tuple(f"L{number + 1:03d}" for number in range(lines))
    types = tuple(CANCERS[number % len(CANCERS)] for number in range(lines))
    z = ExpressionTable(names, space, basal.astype(np.float32), ExpressionScale.ROBUST_Z, types)
    log2 = replace(z, values=(LEVEL + basal).astype(np.float32), scale=ExpressionScale.RMA)
    tumours, answers = _patients(rng, space, module_of, library, patients, shuffled=shuffled)
    return PlantedWorld(
        _responses(rng, log2, library, state, shuffled=shuffled),
        _perturbations(rng, z, library, state, module_of, shuffled=shuffled),
        _prior(rng, space, module_of),
        _sets(rng, space, module_of),
        tumours,
        answers,
        module_of,
    )


def _library() -> CompoundTable:
    rows = [(name, smiles, mechanism) for mechanism, members in MECHANISMS.items() for name, smiles in members.items()]
    names, smiles, mechanism = (tuple(column) for column in zip(*rows, strict=True))
    return CompoundTable.from_smiles(smiles, names=names, targets=mechanism, mechanism=mechanism)


def _module_of_compounds(library: CompoundTable) -> Int[np.ndarray, " c"]:
    return np.array([list(MECHANISMS).index(mechanism) for mechanism in library.mechanism])


def _samples(
    rng: np.random.Generator, number: int, module_of: Int[np.ndarray, " g"]
) -> tuple[Float[np.ndarray, "n k"], Float[np.ndarray, "n g"]]:
    state = rng.normal(size=(number, len(MECHANISMS)))
    own = np.where(module_of == NO_MODULE, rng.normal(size=(number, len(module_of))), state[:, module_of])
    return state, 0.8 * own + 0.6 * rng.normal(size=own.shape)


def _responses(
    rng: np.random.Generator,
    expression: ExpressionTable,
    library: CompoundTable,
    state: Float[np.ndarray, "n k"],
    *,
    shuffled: bool,
) -> ResponseTable:
    sensitive = state[:, _module_of_compounds(library)]
    if shuffled:
        sensitive = rng.permuted(sensitive, axis=0)
    potency, hardiness = rng.normal(2.0, 1.0, size=len(library)), rng.normal(0.0, 0.3, size=len(expression))
    values = potency + hardiness[:, None] - EFFECT * sensitive + 0.3 * rng.normal(size=sensitive.shape)
    sample, compound = (axis.ravel() for axis in np.indices(values.shape))
    return ResponseTable.of(expression, library, sample, compound, values.ravel())


def _perturbations(
    rng: np.random.Generator,
    expression: ExpressionTable,
    library: CompoundTable,
    state: Float[np.ndarray, "n k"],
    module_of: Int[np.ndarray, " g"],
    *,
    shuffled: bool,
) -> PerturbationTable:
    line, compound, dose = every_condition(expression, library)
    module = _module_of_compounds(library)[compound]
    strength = dose / (dose + 1.0) * np.maximum(1.0 + state[line, module], 0.0)
    change = -strength[:, None] * (module_of == module[:, None])
    if shuffled:
        change = rng.permuted(change[rng.permutation(len(change))], axis=1)
    treated = expression.values[line] + change + 0.2 * rng.normal(size=change.shape)
    return profiles_of(expression, library, (line, compound, dose), treated)


def _prior(rng: np.random.Generator, space: GeneSpace, module_of: Int[np.ndarray, " g"]) -> InteractionPrior:
    pairs = []
    for number in range(len(MECHANISMS)):
        members = np.flatnonzero(module_of == number)
        pairs += [rng.choice(members, 2, replace=False) for _ in range(EDGES_PER_GENE * len(members))]
    pairs += [rng.choice(len(space), 2, replace=False) for _ in range(len(space) // 2)]
    named = ((space.symbols[a], space.symbols[b]) for a, b in pairs)
    return InteractionPrior.from_pairs(space, named, "planted")


def _sets(rng: np.random.Generator, space: GeneSpace, module_of: Int[np.ndarray, " g"]) -> dict[str, tuple[str, ...]]:
    sets = {}
    for number, mechanism in enumerate(MECHANISMS):
        members = np.flatnonzero(module_of == number)
        sets[f"{mechanism} pathway"] = tuple(space.symbols[gene] for gene in members)
        drawn = rng.choice(len(space), len(members), replace=False)
        sets[f"random {number + 1}"] = tuple(space.symbols[gene] for gene in np.sort(drawn))
    return sets


def _patients(
    rng: np.random.Generator,
    space: GeneSpace,
    module_of: Int[np.ndarray, " g"],
    library: CompoundTable,
    patients: int,
    *,
    shuffled: bool,
) -> tuple[tuple[ExpressionTable, ...], pd.DataFrame]:
    """Cohorts, and what each patient took and how it fared; one drug of each mechanism is given."""
    first = [library.mechanism.index(mechanism) for mechanism in MECHANISMS]
    cohorts, rows = [], []
    for code, cancer in enumerate(CANCERS):
        state, z = _samples(rng, patients, module_of)
        shift, scale = rng.normal(0.0, 1.0, size=len(space)), rng.uniform(0.6, 1.8, size=len(space))
        values = np.maximum(6.0 + shift + scale * z, 0.0).astype(np.float32)
        names = tuple(f"TCGA-P{code}-{number:04d}" for number in range(patients))
        cohorts.append(ExpressionTable(names, space, values, ExpressionScale.LOG2_FPKM, (cancer,) * patients))
        told = rng.permuted(state, axis=0) if shuffled else state
        for patient, name in enumerate(names):
            for module in rng.choice(len(MECHANISMS), DRUGS_PER_PATIENT, replace=False).tolist():
                benefit = told[patient, module] + 0.7 * rng.normal()
                rows.append((name, library.names[first[module]], library.smiles[first[module]], cancer, benefit))
    answers = pd.DataFrame(rows, columns=["patient", "drug", "smiles", "cancer", "benefit"])
    steps = np.digitize(answers.pop("benefit"), [-0.8, 0.0, 0.8])
    classes = ("Clinical Progressive Disease", "Stable Disease", "Partial Response", "Complete Response")
    answers["response"] = [classes[step] for step in steps.tolist()]
    answers["responder"] = (steps >= 2).astype(int)
    return tuple(cohorts), answers

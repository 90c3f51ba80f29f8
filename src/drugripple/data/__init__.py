"""Checked tables of expression, compounds, pairs and responses, and the protocol of predictors."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.data.auxiliary_study import AuxiliaryStudy as AuxiliaryStudy
    from drugripple.data.ccle_tissues import without_tissue as without_tissue
    from drugripple.data.checks import require_length as require_length
    from drugripple.data.checks import require_positive as require_positive
    from drugripple.data.checks import require_rows as require_rows
    from drugripple.data.effects import Effects as Effects
    from drugripple.data.effects import Side as Side
    from drugripple.data.effects import known_sides as known_sides
    from drugripple.data.measure import Measure as Measure
    from drugripple.data.molecule_batch import MolBatch as MolBatch
    from drugripple.data.molecule_batch import collate as collate
    from drugripple.data.molecule_batch import each_once as each_once
    from drugripple.data.pair_kind import KINDS as KINDS
    from drugripple.data.pair_kind import KNOWN_COMPOUND as KNOWN_COMPOUND
    from drugripple.data.pair_kind import LEVEL as LEVEL
    from drugripple.data.pair_kind import PairKind as PairKind
    from drugripple.data.pair_kind import kind_numbers as kind_numbers
    from drugripple.data.pairs import CanonicalCompounds as CanonicalCompounds
    from drugripple.data.pairs import Pairs as Pairs
    from drugripple.data.predictor import Noting as Noting
    from drugripple.data.predictor import Predictor as Predictor
    from drugripple.data.predictor import ReadsGenes as ReadsGenes
    from drugripple.data.predictor import Resumable as Resumable
    from drugripple.data.predictor import answered as answered
    from drugripple.data.response import ResponseTable as ResponseTable
    from drugripple.data.studies import join_studies as join_studies
    from drugripple.data.studies import unused as unused
    from drugripple.data.synthetic import synthetic_world as synthetic_world
    from drugripple.data.tables import CONSENSUS_LIMIT as CONSENSUS_LIMIT
    from drugripple.data.tables import OF_SINGLE_GENES as OF_SINGLE_GENES
    from drugripple.data.tables import CompoundTable as CompoundTable
    from drugripple.data.tables import ConsensusTable as ConsensusTable
    from drugripple.data.tables import ExpressionScale as ExpressionScale
    from drugripple.data.tables import ExpressionTable as ExpressionTable
    from drugripple.data.tables import PerturbationTable as PerturbationTable
    from drugripple.data.treatments import LARGEST_DOSE_UM as LARGEST_DOSE_UM
    from drugripple.data.treatments import LONGEST_HOURS as LONGEST_HOURS
    from drugripple.data.treatments import SEEN_DOSES_UM as SEEN_DOSES_UM
    from drugripple.data.treatments import SEEN_HOURS as SEEN_HOURS
    from drugripple.data.treatments import LeftOut as LeftOut
    from drugripple.data.treatments import Treatments as Treatments
    from drugripple.data.treatments import with_id as with_id
else:
    __all__ = lazy_exports(__name__)

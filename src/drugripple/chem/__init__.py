"""Chemistry: SMILES to molecules, graphs and fingerprints. Nothing here imports torch."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.chem.cache import GraphCache as GraphCache
    from drugripple.chem.clusters import analogue_clusters as analogue_clusters
    from drugripple.chem.clusters import scaffolds as scaffolds
    from drugripple.chem.complexes import has_unlisted_metal as has_unlisted_metal
    from drugripple.chem.drawing import structure_svg as structure_svg
    from drugripple.chem.featurise import featurise as featurise
    from drugripple.chem.fingerprint import morgan as morgan
    from drugripple.chem.fingerprint import tanimoto as tanimoto
    from drugripple.chem.graph import CHARGES as CHARGES
    from drugripple.chem.graph import DEGREES as DEGREES
    from drugripple.chem.graph import ELEMENTS as ELEMENTS
    from drugripple.chem.graph import FEATURES as FEATURES
    from drugripple.chem.graph import HYDROGENS as HYDROGENS
    from drugripple.chem.graph import MolGraph as MolGraph
    from drugripple.chem.graph import build_graph as build_graph
    from drugripple.chem.identifiers import cure_for as cure_for
    from drugripple.chem.identifiers import identifier_of as identifier_of
    from drugripple.chem.identifiers import mostly_identifiers as mostly_identifiers
    from drugripple.chem.identity import SHORTEST_NAME as SHORTEST_NAME
    from drugripple.chem.identity import identity_groups as identity_groups
    from drugripple.chem.identity import identity_marks as identity_marks
    from drugripple.chem.identity import name_parts as name_parts
    from drugripple.chem.molecule import Molecule as Molecule
    from drugripple.chem.molecule import Reductions as Reductions
    from drugripple.chem.molecule import Standardised as Standardised
    from drugripple.chem.molecule import canonical_smiles as canonical_smiles
    from drugripple.chem.molecule import molecule_of as molecule_of
    from drugripple.chem.molecule import reduce_all as reduce_all
    from drugripple.chem.molecule import scaffold as scaffold
    from drugripple.chem.molecule import standardise as standardise
    from drugripple.chem.molecule import standardise_all as standardise_all
    from drugripple.chem.parent import Reduction as Reduction
    from drugripple.chem.parent import mol_from_smiles as mol_from_smiles
    from drugripple.chem.parent import reduce_structure as reduce_structure
    from drugripple.chem.smiles_words import WordVectors as WordVectors
    from drugripple.chem.smiles_words import learn_word_vectors as learn_word_vectors
    from drugripple.chem.smiles_words import read_word_vectors as read_word_vectors
    from drugripple.chem.spelling import Written as Written
    from drugripple.chem.spelling import split_structure as split_structure
    from drugripple.chem.spelling import titled as titled
    from drugripple.chem.subwords import Merge as Merge
    from drugripple.chem.subwords import learn_merges as learn_merges
    from drugripple.chem.subwords import split_subwords as split_subwords
    from drugripple.chem.tautomers import canonical_tautomer as canonical_tautomer
    from drugripple.chem.tautomers import formula as formula
else:
    __all__ = lazy_exports(__name__)

"""Genes and pairs of genes of one explained prediction as tables, with what chance makes of them."""

import numpy as np
import pandas as pd

from drugripple.evaluation.false_discovery import false_discovery_rate
from drugripple.genes.space import GeneSpace
from drugripple.model.shipped_interactions import shipped_interactions
from drugripple.predictors.multi_trait_gp.gene_pairs import PairTests
from drugripple.predictors.multi_trait_gp.gene_slopes import GeneTests


def gene_table(tested: GeneTests, targets: str) -> pd.DataFrame:
    """`PredictionExplanation.genes`; `targets` are names with commas between."""
    named = {part.strip().upper() for part in targets.split(",")}
    table = pd.DataFrame(
        {
            "gene": tested.genes.symbols,
            "level": tested.level,
            "slope": tested.slope,
            "effect": tested.slope * tested.level,
            "mean_slope": tested.mean_slope,
            "mean_z": tested.mean_z,
            "is_target": [symbol.upper() in named for symbol in tested.genes.symbols],
            "p_permuted": tested.p_permuted,
            "q_permuted": false_discovery_rate(tested.p_permuted),
            "mean_p_permuted": tested.mean_p_permuted,
            "mean_q_permuted": false_discovery_rate(tested.mean_p_permuted),
            "mean_p_others": tested.mean_p_others,
            "mean_q_others": false_discovery_rate(tested.mean_p_others),
        }
    )
    return largest_first(table, "mean_z")


def pair_table(found: PairTests) -> pd.DataFrame:
    """`PredictionExplanation.gene_pairs`."""
    genes = GeneSpace(tuple(dict.fromkeys([*found.first, *found.second])))
    known = {(genes.symbols[a], genes.symbols[b]) for a, b in shipped_interactions().between(genes).edges.tolist()}
    table = pd.DataFrame(
        {
            "gene_a": found.first,
            "gene_b": found.second,
            "interaction": found.interaction,
            "mean_interaction": found.mean_interaction,
            "mean_z": found.mean_z,
            "known": [pair in known for pair in zip(found.first, found.second, strict=True)],
            "mean_p_permuted": found.mean_p_permuted,
            "mean_q_permuted": false_discovery_rate(found.mean_p_permuted),
            "mean_p_others": found.mean_p_others,
            "mean_q_others": false_discovery_rate(found.mean_p_others),
        }
    )
    return largest_first(table, "mean_z")


def largest_first(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """The rows in falling order of the size of a column, equal ones as they stood."""
    order = np.argsort(-table[by].abs().to_numpy(np.float64), kind="stable")
    return table.iloc[order].reset_index(drop=True)

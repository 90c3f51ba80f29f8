"""Random forest on expression beside Morgan bits, as in the paper's Table 1.

ŷ = 1/T Σ_t v_t(leaf of [e, b])      e   z-scores of the sample's landmark genes
b   Morgan bits of the compound
v_t mean training value of a leaf of tree t, of T
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32, Int

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import CheckpointError
from drugripple.predictors.features import BLOCK, LandmarksAndBits
from drugripple.predictors.method import Method, PaperRow
from drugripple.predictors.saved_whole import SavedWhole
from drugripple.predictors.saving import laid_out

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeRegressor


@dataclass(frozen=True)
class GrownTrees:
    """Decision trees as arrays, one under the other. Axes: t tree, k node.

    Raises:
        CheckpointError: if a child does not stand behind its parent in the same tree, so that no walk would end.
    """

    root: Int[np.ndarray, " t"]
    left: Int[np.ndarray, " k"]
    """Where the left child stands; a leaf is its own child."""
    right: Int[np.ndarray, " k"]
    feature: Int[np.ndarray, " k"]
    """The feature whose value decides; 0 for a leaf."""
    threshold: Float[np.ndarray, " k"]
    """Values up to this go left."""
    value: Float[np.ndarray, " k"]
    """What a leaf predicts."""

    def __post_init__(self) -> None:
        """Refuse what would walk out of a tree or in circles."""
        nodes = np.arange(len(self.left))
        end = np.append(self.root, nodes.size)[np.searchsorted(self.root, nodes, side="right")]
        leaf = (self.left == nodes) & (self.right == nodes)
        for child in (self.left, self.right):
            if child.shape != nodes.shape or not (leaf | ((child > nodes) & (child < end))).all():
                message = f"{nodes.size} nodes of {self.root.size} trees do not form trees; train the forest again"
                raise CheckpointError(message)

    @classmethod
    def of(cls, trees: Sequence["DecisionTreeRegressor"]) -> "GrownTrees":
        """The trees of a scikit-learn forest."""
        grown = [tree.tree_ for tree in trees]
        root = np.cumsum([0, *(tree.node_count for tree in grown)])[:-1]
        leaf = np.concatenate([tree.children_left < 0 for tree in grown])
        nodes = np.arange(leaf.size)
        left, right = (
            np.concatenate([getattr(tree, side) + start for tree, start in zip(grown, root, strict=True)])
            for side in ("children_left", "children_right")
        )
        feature = np.concatenate([tree.feature for tree in grown])
        return cls(
            root.astype(np.int64),
            np.where(leaf, nodes, left).astype(np.int64),
            np.where(leaf, nodes, right).astype(np.int64),
            np.where(leaf, 0, feature).astype(np.int64),
            np.concatenate([tree.threshold for tree in grown]),
            np.concatenate([tree.value[:, 0, 0] for tree in grown]),
        )

    def predict(self, features: Float32[np.ndarray, "m d"]) -> Float[np.ndarray, " m"]:
        """Mean of the trees, always added in the same order."""
        total = np.zeros(len(features))
        for root in self.root.tolist():
            node = np.full(len(features), root)
            rows = np.arange(len(features))
            while rows.size:
                here = node[rows]
                goes_left = features[rows, self.feature[here]] <= self.threshold[here]
                node[rows] = np.where(goes_left, self.left[here], self.right[here])
                rows = rows[node[rows] != here]
            total += self.value[node]
        return total / len(self.root)


@dataclass(frozen=True)
class FittedForest:
    """Fitted features and trees."""

    features: LandmarksAndBits
    trees: GrownTrees


class Forest(SavedWhole[FittedForest]):
    """scikit-learn's random forest; it reads features alone, so a new sample or compound is answered as a known one.

    Differs: the paper does not say its settings. Every tree sees a fifth of the rows and every split a tenth of the
    features, because ten folds should end within an hour.
    """

    name = "rf"
    learns = FittedForest

    def __init__(
        self, *, trees: int = 100, split_features: float = 0.1, tree_rows: float = 0.2, leaf: int = 1, jobs: int = 2
    ) -> None:
        """Choose the size of the forest."""
        self.trees = trees
        self.split_features = split_features
        self.tree_rows = tree_rows
        self.leaf = leaf
        self.jobs = jobs

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        from sklearn.ensemble import RandomForestRegressor

        forest = RandomForestRegressor(
            n_estimators=self.trees,
            max_features=self.split_features,
            max_samples=self.tree_rows,
            min_samples_leaf=self.leaf,
            n_jobs=self.jobs,
            random_state=seed,
        )
        pairs = train.pairs.compact()
        features = LandmarksAndBits.fit(pairs)
        forest.fit(features.of(pairs).rows(pairs), train.values)
        self.learnt, self.measure = laid_out(FittedForest(features, GrownTrees.of(forest.estimators_))), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Mean of the trees.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        learnt = self.require_learnt()
        asked, place = pairs.canonical()
        features, blocks = learnt.features.of(asked), [np.zeros(0)]
        for start in range(0, len(asked), BLOCK):
            rows = features.rows(asked.take(np.arange(start, min(start + BLOCK, len(asked)))))
            blocks.append(learnt.trees.predict(rows))
        return np.concatenate(blocks)[place]


PAPER = PaperRow.printed(
    1.212, 0.017, 0.905, 0.003, 1.347, 0.058, 0.881, 0.010, 2.671, 0.579, 0.406, 0.256, 2.906, 0.220, 0.370, 0.138
)

RECORDS = (
    Method(
        Forest.name,
        f"{__name__}:Forest",
        "landmark genes, Morgan bits",
        "Breiman 2001, doi:10.1023/A:1010933404324",
        PAPER,
    ),
)

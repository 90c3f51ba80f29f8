"""SMILES as the mean of vectors of its words: all pieces of eight characters, each one further on.

    v = Σ_w vector(w) / number of words        words without a vector count, and add nothing

Vectors are learnt from which words stand near each other in many SMILES: the leading components of the matrix of
positive pointwise mutual information, which is what word2vec's skip-gram factorises.

Source: Öztürk, Ozkirimli and Özgür 2018, doi:10.1093/bioinformatics/bty287 (SMILESVec); Levy and Goldberg 2014, NeurIPS
27 (the factorisation).
Differs: their vectors are word2vec's, trained on ChEMBL; `read_word_vectors` takes such a table.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from jaxtyping import Float32

from drugripple.errors import SourceError

LENGTH, WINDOW, WIDTH = 8, 20, 100
FEWEST = 5
"""Occurrences of a word that gets a vector."""


@dataclass(frozen=True)
class WordVectors:
    """Words and their vectors."""

    words: tuple[str, ...]
    vectors: Float32[np.ndarray, "w d"]

    def of(self, smiles: Sequence[str]) -> Float32[np.ndarray, "c d"]:
        """The mean over the words of each SMILES; zeros where it is shorter than a word."""
        place = {word: row for row, word in enumerate(self.words)}
        found = np.zeros((len(smiles), self.vectors.shape[1]), dtype=np.float32)
        for row, text in enumerate(smiles):
            words = smiles_words(text)
            known = [place[word] for word in words if word in place]
            if known:
                found[row] = self.vectors[known].sum(axis=0) / len(words)
        return found


def smiles_words(smiles: str) -> list[str]:
    """All pieces of eight characters.

    >>> smiles_words("CCCCCCCCO")
    ['CCCCCCCC', 'CCCCCCCO']
    """
    return [smiles[start : start + LENGTH] for start in range(len(smiles) - LENGTH + 1)]


@lru_cache(maxsize=2)
def learn_word_vectors(smiles: tuple[str, ...], *, width: int = WIDTH) -> WordVectors:
    """Vectors of the words that occur five times and more; fewer dimensions where there are fewer words.

    Raises:
        SourceError: if there are too few structures for any.
    """
    from sklearn.utils.extmath import randomized_svd

    texts = [smiles_words(text) for text in smiles]
    counts = Counter(word for words in texts for word in words)
    kept = sorted(word for word, count in counts.items() if count >= FEWEST)
    if len(kept) < 2:
        message = f"{len(smiles)} SMILES hold {len(kept)} words {FEWEST} times or more; name more structures"
        raise SourceError(message)
    place = {word: row for row, word in enumerate(kept)}
    near = _near([[place.get(word, -1) for word in words] for words in texts], len(kept))
    total, side = near.sum(), np.asarray(near.sum(axis=1)).ravel()
    information = np.log(near.data * total / (side[near.row] * side[near.col]))
    positive = sp.coo_matrix((np.maximum(information, 0), (near.row, near.col)), near.shape).tocsr()
    left, values, _ = randomized_svd(positive, min(width, len(kept) - 1), n_iter=4, random_state=0)
    vectors = left * np.sqrt(values)
    return WordVectors(tuple(kept), (vectors / vectors.std()).astype(np.float32))


def read_word_vectors(path: Path) -> WordVectors:
    """A table in word2vec's text format: a line of sizes, then a word and its numbers a line.

    Raises:
        SourceError: if the file cannot be read as such.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
        fields = [line.split(" ") for line in lines if line.strip()]
        vectors = np.array([[float(number) for number in one[1:] if number] for one in fields], dtype=np.float32)
        if vectors.ndim != 2 or not vectors.size:
            message = f"{path} holds no word with numbers; expected word2vec's text format"
            raise SourceError(message)
    except (OSError, ValueError) as error:
        message = f"{path} is not a table in word2vec's text format: {error}"
        raise SourceError(message) from error
    return WordVectors(tuple(one[0] for one in fields), vectors)


def _near(texts: Sequence[Sequence[int]], words: int) -> sp.coo_matrix:
    """How often two words stand at most a window apart."""
    line = np.array([word for text in texts for word in (*text, *(-1,) * WINDOW)], dtype=np.int32)
    total = sp.csr_matrix((words, words))
    for apart in range(1, WINDOW + 1):
        first, second = line[:-apart], line[apart:]
        both = (first >= 0) & (second >= 0)
        ones = np.ones(int(both.sum()))
        total += sp.csr_matrix((ones, (first[both], second[both])), (words, words))
    return (total + total.T).tocoo()

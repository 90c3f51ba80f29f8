import numpy as np
import pytest

from drugripple.chem.smiles_words import WordVectors, learn_word_vectors, read_word_vectors
from drugripple.errors import SourceError


def test_words_without_a_vector_count_and_add_nothing():
    vectors = WordVectors(("CCCCCCCC",), np.array([[2.0, 4.0]], dtype=np.float32))
    assert vectors.of(["CCCCCCCCO", "CCO"]).tolist() == [[1.0, 2.0], [0.0, 0.0]]


def test_words_that_stand_together_have_vectors_alike():
    acids = [f"CCCCCCCCCC(=O)O{'C' * i}" for i in range(6)]
    rings = [f"c1ccccc1c1ccccc1{'N' * i}" for i in range(6)]
    learnt = learn_word_vectors((*acids, *rings), width=3)
    of = learnt.of([*acids, *rings])
    cosine = np.corrcoef(of)
    assert cosine[:6, :6].min() > cosine[:6, 6:].max()


def test_a_table_of_word2vec_is_read_and_another_refused(tmp_path):
    (tmp_path / "v.txt").write_text("2 2\nCCCCCCCC 1 2\nCCCCCCCO 0.5 -1\n")
    read = read_word_vectors(tmp_path / "v.txt")
    assert (read.words, read.vectors.tolist()) == (("CCCCCCCC", "CCCCCCCO"), [[1.0, 2.0], [0.5, -1.0]])
    (tmp_path / "bad.txt").write_text("2 2\nCCCCCCCC 1 two\n")
    with pytest.raises(SourceError, match=r"bad\.txt is not a table in word2vec's text format"):
        read_word_vectors(tmp_path / "bad.txt")


def test_too_few_structures_are_refused():
    with pytest.raises(SourceError, match="1 SMILES hold 0 words 5 times or more"):
        learn_word_vectors(("CCO",))

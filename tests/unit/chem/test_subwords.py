from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from drugripple.chem.subwords import learn_merges, split_subwords

TEXTS = st.lists(st.text("abc", min_size=1, max_size=8), min_size=1, max_size=6)


def naive(texts, most, fewest):
    """The same by counting strings: the first of the most frequent pairs, in the order in which pieces were made."""
    words, merges = [list(text) for text in texts], []
    order = sorted(set("".join(texts)))
    while len(merges) < most:
        counts = {}
        for word in words:
            for pair in pairwise(word):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts or max(counts.values()) < fewest:
            break
        best = min(counts, key=lambda pair: (-counts[pair], order.index(pair[0]), order.index(pair[1])))
        merges.append(best)
        order.append("".join(best))
        words = [split_subwords("".join(text), merges) for text in texts]
    return tuple(merges)


@given(TEXTS)
def test_merges_are_those_of_counting_by_hand(texts):
    found = learn_merges(texts, most=4, fewest=2)
    expected = naive(texts, 4, 2)
    made = ["".join(merge) for merge in expected]
    if len(set(made)) == len(made):
        assert found == expected


@given(TEXTS)
def test_pieces_put_together_are_the_text(texts):
    merges = learn_merges(texts, most=5, fewest=2)
    for text in texts:
        assert "".join(split_subwords(text, merges)) == text


def test_of_pairs_that_overlap_the_first_is_merged():
    assert split_subwords("CCCCC", (("C", "C"),)) == ["CC", "CC", "C"]
    assert learn_merges(["CCCCC", "CCCC"], most=2, fewest=2) == (("C", "C"), ("CC", "CC"))

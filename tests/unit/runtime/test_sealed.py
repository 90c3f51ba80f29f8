"""One altered bit, wherever it is, is found before anything is read."""

import pytest

from drugripple.errors import SourceError
from drugripple.runtime.sealed import read_sealed, read_sealed_json, write_sealed, write_sealed_json

CONTENT = b"what was learnt"


def test_content_comes_back(tmp_path):
    write_sealed(tmp_path / "state", CONTENT)
    assert bytes(read_sealed(tmp_path / "state")) == CONTENT


def test_every_single_altered_bit_is_refused(tmp_path):
    path = tmp_path / "state"
    write_sealed(path, CONTENT)
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        altered = bytearray(whole)
        altered[bit // 8] ^= 1 << bit % 8
        path.write_bytes(altered)
        with pytest.raises(SourceError, match=r"state (is not what was written|does not begin as it was written)"):
            read_sealed(path)


@pytest.mark.parametrize("length", [0, 5, 40, 60])
def test_a_file_cut_short_is_refused(tmp_path, length):
    write_sealed(tmp_path / "state", CONTENT)
    (tmp_path / "state").write_bytes((tmp_path / "state").read_bytes()[:length])
    with pytest.raises(SourceError, match="state"):
        read_sealed(tmp_path / "state")


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(SourceError, match="state cannot be read: No such file"):
        read_sealed(tmp_path / "state")


def test_json_comes_back_and_every_altered_bit_of_it_is_refused(tmp_path):
    path, content = tmp_path / "plan.json", {"rows": 12, "names": ["a", "b"]}
    write_sealed_json(path, content)
    assert read_sealed_json(path) == content
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        altered = bytearray(whole)
        altered[bit // 8] ^= 1 << bit % 8
        path.write_bytes(altered)
        with pytest.raises(SourceError, match=r"plan\.json"):
            read_sealed_json(path)

"""A digest changes with anything that is digested, and with nothing else."""

import hashlib

import numpy as np
import pytest

from drugripple.errors import SourceError
from drugripple.runtime import digest as digests
from drugripple.runtime.digest import content_digest, file_digest, folder_digest

VALUES = np.arange(15, dtype=np.float32).reshape(3, 5)


def test_the_frame_of_each_part_is_what_it_says():
    said = b"text 3\n\xc2\xb5M" + b"array <i4 (2,)\n\x01\0\0\0\x02\0\0\0"
    assert content_digest("µM", np.array([1, 2], dtype=np.int32)) == hashlib.sha256(said).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        VALUES.reshape(5, 3),
        VALUES.astype(np.float64),
        np.nextafter(VALUES, 99),
        VALUES[::-1],
        np.where(VALUES == 0, -0.0, VALUES).astype(np.float32),
    ],
)
def test_other_arrays_have_other_digests(other):
    assert content_digest(other) != content_digest(VALUES)


@pytest.mark.parametrize(
    "same", [VALUES.astype(">f4"), np.asfortranarray(VALUES), np.repeat(VALUES, 2, axis=1)[:, ::2]]
)
def test_how_an_array_lies_in_memory_does_not_matter(same):
    assert content_digest(same) == content_digest(VALUES)


def test_block_size_does_not_matter_and_nor_does_a_disk(tmp_path, monkeypatch):
    whole = content_digest(VALUES)
    np.save(tmp_path / "values.npy", VALUES)
    monkeypatch.setattr(digests, "BLOCK_BYTES", 7)
    assert content_digest(np.load(tmp_path / "values.npy", mmap_mode="r")) == whole


def test_a_number_a_row_of_one_and_no_row_differ():
    assert (
        len({content_digest(one) for one in (np.array(3, np.float32), np.array([3.0], np.float32), np.empty((0, 3)))})
        == 3
    )


def test_objects_have_no_digest():
    with pytest.raises(TypeError, match="an array of object has no digest"):
        content_digest(np.array([{}]))


def test_a_file_has_the_digest_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()
    with pytest.raises(SourceError, match="absent cannot be read: No such file"):
        file_digest(tmp_path / "absent")


def test_a_folder_has_the_digest_of_its_tables_and_their_names(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"abc")
    before = folder_digest(tmp_path)
    (tmp_path / "notes.txt").write_bytes(b"no table")
    assert folder_digest(tmp_path) == before
    (tmp_path / "a.parquet").rename(tmp_path / "b.parquet")
    assert folder_digest(tmp_path) != before

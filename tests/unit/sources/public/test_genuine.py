"""What a network or a server answers instead of a file is told from a table, whatever its form."""

import pytest

from drugripple.errors import SourceError
from drugripple.sources.public.genuine import refuse_another_file
from drugripple.sources.public.registry import Source

ANSWERS = {
    "mark": b"\xef\xbb\xbf<!DOCTYPE html>",
    "comment": b"<!-- gateway --><html>",
    "json": b'{"error": "quota, please\twait"}',
    "empty": b"",
    "blank": b" \n\n",
    "words": b"Forbidden\n",
}
TABLES = {
    "data.txt": b"a\tb\n1\t2\n",
    "data.csv": b"a,b\n",
    "data.gmt": b"set\turl\t1\n",
    "data.probemap": b"#id\tgene\n",
}


def source(name):
    return Source("data", "a test", f"http://127.0.0.1/{name}", "CC0", "nobody")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_of_a_server_is_no_table(tmp_path, name, answer):
    (tmp_path / name).write_bytes(ANSWERS[answer])
    with pytest.raises(SourceError, match=r"is a web page, not a test|is empty, not a test|first line is no row"):
        refuse_another_file(source(name), tmp_path / name)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_table_is_taken(tmp_path, name, mark):
    (tmp_path / name).write_bytes(mark + TABLES[name])
    refuse_another_file(source(name), tmp_path / name)

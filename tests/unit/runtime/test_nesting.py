"""What nests too deep is refused before anything walks through it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.runtime.nesting import DEEPEST, read_json_text, read_toml_text, shallow


@given(depth=st.integers(1, 400), form=st.sampled_from(["brackets", "dots", "tables", "inline"]))
@settings(max_examples=60, deadline=None)
def test_toml_is_read_or_refused_by_its_depth_in_every_form(depth, form):
    text = {
        "brackets": "a = " + "[" * depth + "]" * depth,
        "dots": ".".join(["a"] * depth) + " = 1",
        "tables": "[" + ".".join(["a"] * depth) + "]\nb = 1",
        "inline": "a = " + "{a = " * (depth - 1) + "1" + "}" * (depth - 1),
    }[form]
    if depth > DEEPEST:
        with pytest.raises(ValueError, match="nests more than 100 deep"):
            read_toml_text(text)
    elif depth < DEEPEST:
        assert read_toml_text(text).keys() == {"a"}


def test_brackets_that_close_are_not_counted():
    assert shallow("[]" * 1_000)


@pytest.mark.parametrize("text", [b"[1]", b"3", b"null", b"{", b"\xff", b"[" * 200 + b"]" * 200])
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(ValueError, match=r"object|deep|codec|Expecting"):
        read_json_text(text)

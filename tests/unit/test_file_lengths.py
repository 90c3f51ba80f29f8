"""A file is read in one sitting: none of ours, tests among them, has more than 300 lines."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES = 300


def test_no_file_is_longer_than_300_lines():
    files = [file for place in ("src", "tests", "tools", "benchmarks", "runs") for file in (ROOT / place).rglob("*.py")]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert len(lengths) > 500
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}

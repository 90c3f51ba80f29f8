"""The benchmark of screens, small."""

from benchmarks import screen


def test_what_is_measured_is_a_whole_screen(tmp_path):
    screen.write(tmp_path, samples=13, compounds=17)
    measured = screen.run(tmp_path)
    assert measured["pairs"] == 13 * 17
    assert len(list((tmp_path / "screen" / "full").glob("*.parquet"))) == 1
    assert 0 < measured["peak_gib"] < 64

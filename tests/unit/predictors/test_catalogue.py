import subprocess
import sys

from drugripple.predictors.catalogue import BASELINES, CATALOGUE, show
from drugripple.predictors.peers.records import ORDER


def test_rows_of_the_paper_are_those_of_its_table():
    assert CATALOGUE["rf"].paper.disjoint.rmse == 2.906
    assert CATALOGUE["svm"].paper.drug_blind.pcc == 0.520
    assert CATALOGUE["mean_effects"].paper is None


def test_a_record_makes_the_predictor_of_its_name():
    made = {name: record.make().name for name, record in BASELINES.items() if not record.made_with}
    assert made == {name: name for name in made}


def test_what_there_is_can_be_shown():
    shown = show().set_index("name")
    assert list(shown.index) == list(CATALOGUE)
    assert shown.loc["csg2a", "paper_cell_blind"] == 1.342
    assert shown["paper_mixed"].notna().sum() == 3 + len(ORDER) - 1  # ensemble_mf is not among the paper's rows


def test_the_catalogue_is_read_without_torch():
    script = "import sys\nfrom drugripple.predictors import CATALOGUE\nprint(len(CATALOGUE), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(len(CATALOGUE)), "False"]

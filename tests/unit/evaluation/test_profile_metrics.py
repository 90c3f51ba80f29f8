import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

from drugripple.evaluation.profile_metrics import PredictedBlock, score_blocks


@pytest.fixture
def measured():
    """Plates of 5, 7, 3 (too few) and 11 profiles, seven genes, the last of which never changes."""
    rng = np.random.default_rng(0)
    plates = np.repeat(["a", "b", "few", "c"], [5, 7, 3, 11])
    basal = rng.standard_normal((26, 7)).astype(np.float32)
    treated = basal + rng.standard_normal((26, 7)).astype(np.float32)
    predicted = basal + 0.5 * (treated - basal) + rng.standard_normal((26, 7)).astype(np.float32)
    treated[:, 6] = basal[:, 6]
    return PredictedBlock(treated, predicted, basal, plates.tolist())


def test_scores_are_scipys_on_changes_without_their_plates_mean(measured):
    frame = pd.DataFrame({"plate": measured.plates})
    real, guess = (
        (lambda change: change - change.groupby(frame["plate"]).transform("mean"))(pd.DataFrame(x - measured.basal))
        for x in (measured.treated.astype(float), measured.predicted.astype(float))
    )
    kept = frame["plate"] != "few"
    real, guess = real[kept].to_numpy(), guess[kept].to_numpy()
    scores = score_blocks([measured]).set_index("metric")
    assert scores.loc["mse", "value"] == pytest.approx(np.square(measured.predicted - measured.treated).mean())
    by_profile = [pearsonr(a, b).statistic for a, b in zip(real, guess, strict=True)]
    assert scores.loc["profile_pcc", "value"] == pytest.approx(np.mean(by_profile))
    by_gene = [pearsonr(real[:, g], guess[:, g]).statistic for g in range(6)]
    assert scores.loc["gene_pcc", "value"] == pytest.approx(np.mean(by_gene))
    assert scores["n"].tolist() == [26, 23, 6]


def test_blocks_of_whole_plates_give_the_scores_of_all_at_once(measured):
    cuts = np.array_split(np.arange(26), [5, 15])
    blocks = [PredictedBlock(*(x[rows] for x in measured[:3]), [measured.plates[row] for row in rows]) for rows in cuts]
    pd.testing.assert_frame_equal(score_blocks(iter(blocks)), score_blocks([measured]))


def test_no_profiles_have_no_score():
    scores = score_blocks([])
    assert scores["value"].isna().all()
    assert scores["n"].tolist() == [0, 0, 0]

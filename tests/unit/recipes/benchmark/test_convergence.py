import pandas as pd

from drugripple.evaluation.jobs import Job
from drugripple.evaluation.schemes import Scheme
from drugripple.recipes.benchmark.convergence import capped_trainings, trainings
from drugripple.recipes.benchmark.settings import BenchmarkRun


def test_every_training_is_told_with_its_best_epoch_and_whether_the_cap_bound(tmp_path):
    """GraphDRP may train for 300 epochs with a patience of 20; of a stranger's curve the last epoch tells."""
    run = BenchmarkRun(data=tmp_path, out=tmp_path, model=("graphdrp", "ridge"))
    curves = {
        Job("graphdrp", Scheme.MIXED, 0, 0): [3.0, 1.0, *[2.0] * 20],
        Job("graphdrp", Scheme.MIXED, 1, 0): [400.0 - epoch for epoch in range(300)],
        Job("graphdrp", Scheme.DISJOINT, 0, 0): [1.0, 1.0],
        Job("stranger", Scheme.MIXED, 0, 0): [2.0, 1.0],
        Job("ridge", Scheme.MIXED, 0, 0): None,
    }
    for job, losses in curves.items():
        if losses is not None:
            path = job.curve_path(tmp_path)
            path.parent.mkdir(parents=True, exist_ok=True)
            epochs = [(number + 1, 0.5 * loss, loss, 2.0) for number, loss in enumerate(losses)]
            frame = pd.DataFrame(epochs, columns=["epoch", "train_loss", "valid_loss", "seconds"])
            frame.to_csv(path, index=False)
    found = trainings(run, curves)
    told = found[["model", "scheme", "fold", "epochs", "best_epoch", "train_loss", "valid_loss", "seconds"]]
    assert told.to_numpy().tolist() == [
        ["graphdrp", "mixed", 0, 22, 2, 0.5, 1.0, 44.0],
        ["graphdrp", "mixed", 1, 300, 300, 50.5, 101.0, 600.0],
        ["graphdrp", "disjoint", 0, 2, 2, 0.5, 1.0, 4.0],
        ["stranger", "mixed", 0, 2, 2, 0.5, 1.0, 4.0],
    ]
    assert found["ended_at_cap"].tolist() == [False, True, False, True]
    assert capped_trainings(found) == {("graphdrp", Scheme.MIXED): 1, ("stranger", Scheme.MIXED): 1}


def test_without_a_learning_curve_there_is_no_row(tmp_path):
    found = trainings(BenchmarkRun(data=tmp_path, out=tmp_path, model=("ridge",)), [Job("ridge", Scheme.MIXED, 0, 0)])
    assert len(found) == 0
    assert capped_trainings(found) == {}

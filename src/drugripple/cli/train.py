"""The verbs that train: pretrain-molecules, pretrain, finetune."""

from typing import TYPE_CHECKING, Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.cli.run_flags import run_verb
from drugripple.errors import counted, first_five
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.pretrain.settings import PretrainMoleculesRun, PretrainRun

if TYPE_CHECKING:
    from drugripple.recipes.finetune.catalogue import FittedResult
    from drugripple.recipes.finetune.run import FinetuneResult

app = typer.Typer(rich_markup_mode=None)


@app.command("pretrain-molecules")
@run_verb(PretrainMoleculesRun)
def pretrain_molecules(run: PretrainMoleculesRun) -> None:
    """Stage 0: pretrain a molecule encoder on SMILES.

    It learns to guess masked atoms.
    """
    from drugripple.recipes.pretrain import molecules

    with progress_bar() as bar:
        done = molecules.pretrain_molecules(run, on_epoch=bar.epoch, progress=bar.update)
    print_result(str(done.folder))


@app.command()
@run_verb(PretrainRun)
def pretrain(
    run: PretrainRun,
    devices: Annotated[int, typer.Option(min=1, help="Processes on this machine, one GPU each if it has any.")] = 1,
    nodes: Annotated[int, typer.Option(min=1, help="Machines that run this command together; see the docs.")] = 1,
) -> None:
    """Stage 1: pretrain on L1000 profiles of treated cells.

    A run that was killed goes on from its last whole epoch.
    """
    from drugripple.recipes.pretrain.profiles import run_pretrain
    from drugripple.training.distributed.launch import Processes, leads

    with progress_bar() as bar:
        done = run_pretrain(run, processes=Processes(devices, nodes), on_epoch=bar.epoch, progress=bar.update)
    if leads():
        print_table(done.scores, "held-out profiles")
        print_result(str(done.folder))


@app.command()
@run_verb(FinetuneRun)
def finetune(run: FinetuneRun) -> None:
    """Stage 2: fine-tune on measured responses, or fit a model by name.

    On one fold of one scheme. A run that was killed goes on from its last whole epoch; a model of the catalogue begins
    again.
    """
    done: FinetuneResult | FittedResult
    if run.model:
        from drugripple.recipes.finetune.catalogue import fit_model

        done = fit_model(run)
        if done.unanswered:
            print_note(f"no answer for {counted(len(done.unanswered), 'test compound')}: {first_five(done.unanswered)}")
    else:
        from drugripple.recipes.finetune.run import run_finetune

        with progress_bar() as bar:
            done = run_finetune(run, on_epoch=bar.epoch, progress=bar.update)
    for reason, rows in done.dropped.groupby("reason")["rows"].sum().items():
        print_note(f"left out: {rows:,} measured responses ({reason})")
    main = done.scores[done.scores["metric"].isin(["rmse", "pcc", "per_drug_pcc_mean"])]
    print_table(main, f"test fold {run.fold}, {run.scheme}")
    print_result(str(done.folder))

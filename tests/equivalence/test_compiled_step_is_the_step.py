"""The step of fine-tuning as one compiled graph: what CUDA graphs need; the run uses a GPU where there is one.

In a process of its own, because torch cannot look through beartype's checks; in one for all, because to load torch's
compiler takes as long as to compile.
"""

import json
import os
import shutil
import subprocess
import sys
import traceback
from unittest.mock import patch

import pytest
import torch

from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.fused.training import PairBatch, respond_pairs
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.training.response import ResponseInputs, ResponseRows, compiled_step, finetune
from drugripple.training.settings import TrainingSettings

GENES, SAMPLES, COMPOUNDS, ROWS = 29, 7, 5, 600
FORMS = (
    ({}, "row", False),
    ({"output": "change", "output_rank": 3, "mixing": "plain"}, "row", False),
    ({"apply": "rowsum"}, "entity", True),
)
"""Changes of the network, what a dropout mask belongs to, and whether the step runs in half precision."""


ONE_COMPILER = os.environ | {"TORCHINDUCTOR_COMPILE_THREADS": "1"}
"""Without processes that compile beside it, which could outlive it and hold its output open."""


@pytest.fixture(scope="module")
def found():
    """What the process found, by part: "equal", or the traceback of an error."""
    done = subprocess.run(
        [sys.executable, __file__], capture_output=True, text=True, check=False, timeout=230, env=ONE_COMPILER
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("part", ["graph", "many", pytest.param("run", id="trained with the machine's compiler")])
def test_compiled_is_as_written(part, found):
    if part == "run" and not shutil.which("g++") and not shutil.which("clang++"):
        pytest.skip("torch.compile needs a C++ compiler, and there is none")
    assert found[part] == "equal"


def test_without_a_compiler_the_error_says_what_to_do(found):
    assert "TrainingError: the step cannot be compiled here (InvalidCxxCompiler" in found["no compiler"]
    assert "leave compiled = true out" in found["no compiler"]


def network(dropout_of="row", dropout=0.0, **changes):
    torch.manual_seed(0)
    names = tuple(f"G{i}" for i in range(GENES))
    prior = InteractionPrior.from_pairs(GeneSpace(names), zip(names, names[2:], strict=False), "chain")
    settings = Preset.PAPER.perturbation(molecule={"width": 12, "layers": 1, "heads": 3}, hidden=5, **changes)
    response = Preset.PAPER.response(widths=(17, 7), dropout=dropout, dropout_of=dropout_of)
    return ResponseNet(PerturbationNet(prior, settings), response)


def rows():
    draw = torch.Generator().manual_seed(3)
    return PairBatch(
        torch.randn(SAMPLES, GENES, generator=draw),
        torch.rand(COMPOUNDS, GENES, generator=draw),
        torch.randint(SAMPLES, (ROWS,), generator=draw),
        torch.randint(COMPOUNDS, (ROWS,), generator=draw),
    )


def a_step_is_one_graph():
    for form, masks, half in FORMS:
        torch._dynamo.reset()
        net, other = (network(dropout_of=masks, **form).train() for _ in range(2))
        given = rows()

        def step(one, half=half, given=given):
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                return respond_pairs(one, given).float().square().mean()

        values = [torch.compile(step, fullgraph=True, backend="aot_eager")(net), step(other)]
        close(*values, half)
        for value in values:
            value.backward()
        for one, same in zip(net.parameters(), other.parameters(), strict=True):
            if same.grad is not None:
                close(one.grad, same.grad, half)
        for one, same in zip(net.buffers(), other.buffers(), strict=True):
            close(one, same, half)
    dropping = torch.compile(respond_pairs, fullgraph=True, backend="eager")
    net, given = network(dropout=0.5).train(), rows()
    assert not torch.equal(dropping(net, given), dropping(net, given))


def close(one, other, half):
    size = max(1.0, other.abs().max().item())
    torch.testing.assert_close(one / size, other / size, rtol=0, atol=3e-2 if half else 1e-5)


def trained(count=ROWS, **changes):
    """Losses of two epochs in steps of two sizes."""
    draw = torch.Generator().manual_seed(4)
    inputs = ResponseInputs(
        torch.randn(SAMPLES, GENES, generator=draw), torch.randn(COMPOUNDS, 12, generator=draw),
        torch.ones(COMPOUNDS), torch.ones(COMPOUNDS),
    )  # fmt: skip
    _, _, sample, treatment = rows()
    table = ResponseRows(sample[:count], treatment[:count], torch.randn(ROWS, generator=draw)[:count])
    settings = TrainingSettings(batch=81, max_epochs=2, patience=2, **changes)
    history = finetune(network(), inputs, table, table, settings, seed=0)
    return torch.tensor([(epoch.train_loss, epoch.valid_loss) for epoch in history.epochs])


def a_step_without_a_compiler():
    from torch._inductor import config

    with config.patch({"cpp.cxx": (None, "/nowhere")}):
        compiled_step(lambda rows: rows.double().square().mean(), torch.device("cpu"))(torch.arange(7))


def a_run_is_the_same():
    one_size = 567  # seven steps of 81 rows
    torch.testing.assert_close(trained(one_size, compiled=True), trained(one_size), rtol=1e-4, atol=1e-5)


def many_runs_are_the_same():
    """torch stops after so many sizes in one process unless each run begins anew."""
    compiler = torch.compile

    def in_seconds(step, *, mode, **how):
        return compiler(step, backend="eager", **how)

    with torch._dynamo.config.patch(recompile_limit=2), patch.object(torch, "compile", in_seconds):
        for count in (300, 320):  # two runs of two sizes each
            torch.testing.assert_close(trained(count, compiled=True), trained(count), rtol=1e-4, atol=1e-5)


def outcome(part):
    try:
        part()
    except Exception:  # noqa: BLE001 - whatever it is, the test shows it
        return traceback.format_exc()[-3000:]
    return "equal"


PARTS = {
    "no compiler": a_step_without_a_compiler,
    "graph": a_step_is_one_graph,
    "run": a_run_is_the_same,
    "many": many_runs_are_the_same,
}

if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps({name: outcome(part) for name, part in PARTS.items()}) + "\n")

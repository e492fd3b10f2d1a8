"""Two processes that train together: alike to the bit, and alike to one of them."""

import json
import socket
import sys

import pytest
import torch
from safetensors.torch import load_file

from runs.folders import (
    KILLED,
    PLAIN,
    ROOT,
    TINY,
    ended,
    events,
    outcome,
    process,
    two_classes,
)

pytestmark = pytest.mark.training

SPY = ROOT / "tests" / "runs" / "spied.py"
COMMON = "--split 70/30/0 --progress none --lr 0.01 --device cpu".split()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return two_classes(tmp_path_factory.mktemp("data"), 13)


def together(program, *arguments, code=0):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--master-port", str(port), *map(str, (*program, *arguments))]
    return ended(command, code)


def trained(spec, data, out, *options):
    together(["-m", "medt_gen"], "train", spec, "--data", data, "--out", out, *options)


def test_every_parameter_is_alike_on_both_after_every_epoch(tmp_path, data):
    """Before and after the gates open, and after a resume past it."""
    out = tmp_path / "run"
    options = ["--data", data, "--out", out, *COMMON, "--epochs", 5, "--batch-size", 4]
    spied = tmp_path / "spied"
    spied.mkdir()
    together([SPY, spied, 4], "train", TINY, *options, code=1)
    together([SPY, spied, 9], "train", TINY, *options, "--resume")
    for epoch in range(5):
        one, other = (
            torch.load(spied / f"{epoch}-{rank}.pt", weights_only=True)
            for rank in (0, 1)
        )
        assert set(one) == set(other)
        assert all(torch.equal(one[name], other[name]) for name in one), epoch
    gates = [
        torch.load(spied / f"{epoch}-0.pt", weights_only=True)["height_block.f_qr"]
        for epoch in range(5)
    ]
    assert gates[0] == gates[1]
    assert len({float(gate) for gate in gates[1:]}) == 4
    assert [item["epoch"] for item in events(out, "resume")] == [4]


@pytest.mark.parametrize("norms", ["sync", "none"])
def test_two_equal_one_with_the_same_batch(tmp_path, data, norms):
    """In float64; batches of 3 leave 2 to one process and 1 to the other."""
    spec = TINY if norms == "sync" else PLAIN
    change = ["--set", "modules.drop.p=0"] if norms == "sync" else []
    options = [*COMMON, *change, "--epochs", 4, "--batch-size", 3, "--precision", 64]
    options += ["--loss", "dice_cross_entropy", "--class-weights", "[1,3]"]
    options += ["--optimizer", "sgd", "--accumulate", 2]
    sync = ["--sync-norm"] if norms == "sync" else []
    alone, both = tmp_path / "alone", tmp_path / "both"
    process("train", spec, "--data", data, "--out", alone, *options, *sync)
    trained(spec, data, both, *options, *sync)
    one, other = (load_file(folder / "last.safetensors") for folder in (alone, both))
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, other[name], rtol=0, atol=1e-6)
    lines = [(x / "split.json").read_text() for x in (alone, both)]
    assert lines[0] == lines[1]


def test_three_kills_of_two_processes_change_nothing(tmp_path, data):
    options = [*COMMON, "--epochs", 4, "--batch-size", 4, "--ema", 0.9]
    options += ["--save-every", 1, "--data", data]
    undisturbed, out = tmp_path / "undisturbed", tmp_path / "run"
    trained(TINY, data, undisturbed, *options)
    arguments = ["train", TINY, *options, "--out", out]
    for number, (what, count) in enumerate(
        [("step", 2), ("after-replace", 5), ("step", 3)]
    ):
        resumed = ["--resume"] if number else []
        program = [KILLED, what, count, "--"]
        together(program, *arguments, *resumed, code=1)
    together(["-m", "medt_gen"], *arguments, "--resume")
    assert outcome(out) == outcome(undisturbed)


def test_every_image_is_counted_once(tmp_path, data):
    options = [*COMMON, "--epochs", 1, "--batch-size", 5, "--progress", "json"]
    out = tmp_path / "run"
    program = ["-m", "medt_gen"]
    result = together(program, "train", TINY, "--data", data, "--out", out, *options)
    lines = [json.loads(x) for x in result.stdout.splitlines() if x.startswith("{")]
    images = sum(item["images"] for item in lines if item["event"] == "step")
    listed = json.loads((out / "split.json").read_text())
    assert images == len(listed["train"])


def test_a_batch_smaller_than_the_processes_is_refused(tmp_path, data):
    options = [*COMMON, "--epochs", 1, "--batch-size", 1, "--out", tmp_path / "run"]
    program = ["-m", "medt_gen"]
    result = together(program, "train", TINY, "--data", data, *options, code=1)
    assert "2 processes share batches of 1" in result.stderr

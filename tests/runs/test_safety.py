"""What stops a run: a full disk, a closed folder, Ctrl-C, a loss that is no number."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from runs.folders import (
    KILLED,
    ROOT,
    TINY,
    ended,
    events,
    outcome,
    process,
    two_classes,
)

pytestmark = pytest.mark.training

COMMON = "--split 70/30/0 --progress plain --batch-size 3".split()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return two_classes(tmp_path_factory.mktemp("data"), 10)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def on_small_disk(folder, kilobytes, command, keep):
    """Run a command with a tmpfs at `folder`, and copy what is there to `keep`.

    Who may not mount one gets a namespace of their own, where they may.
    """
    mount = f"mount -t tmpfs -o size={kilobytes}k tmpfs {folder}"
    script = f"{mount} && {command}; code=$?; cp -r {folder}/. {keep}; exit $code"
    return ["unshare", "-rm", "sh", "-c", script]


def may_mount():
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_mount = pytest.mark.skipif(
    not may_mount(), reason="no file system may be mounted here; a double stands in"
)


@pytest.mark.parametrize("count", [3, 9, 14])
def test_a_disk_that_fills_while_it_trains(tmp_path, data, count):
    """Without a mount: what syncs fails from some call on."""
    out, whole = tmp_path / "run", tmp_path / "whole"
    options = ["train", TINY, "--data", data, "--epochs", 3, *COMMON, "--out"]
    given = ["full", str(count), "--", *map(str, options), str(out)]
    result = ended([sys.executable, str(KILLED), *given], 2)
    error = result.stderr
    assert error.count("error[") == 1 and "No space left" in error
    assert "Traceback" not in error
    assert not list(out.glob(".*"))
    resumed = ["--resume"] if (out / "run.json").exists() else []
    process(*options, out, *resumed)
    process(*options, whole)
    assert outcome(out) == outcome(whole)


@needs_mount
def test_a_full_disk_stops_with_one_line_and_loses_nothing(tmp_path, small_disk, data):
    keep = tmp_path / "kept"
    keep.mkdir()
    arguments = f"train {TINY} --data {data} --out {small_disk}/run"
    command = (
        f"{sys.executable} -m medt_gen {arguments} --epochs 2 {' '.join(COMMON)} && "
        f"while head -c 4000 /dev/zero >> {small_disk}/filler 2>/dev/null; do :; done; "
        f"{sys.executable} -m medt_gen {arguments} --epochs 2 {' '.join(COMMON)} --resume"
    )
    result = ended(on_small_disk(small_disk, 700, command, keep), 2)
    error = result.stderr
    assert "Traceback" not in error
    assert re.search(r"error\[unwritable\]: can't write .*: No space left", error), (
        error
    )
    assert error.count("error[") == 1
    whole = tmp_path / "whole"
    process("train", TINY, "--data", data, "--out", whole, "--epochs", 2, *COMMON)
    assert outcome(keep / "run") == outcome(whole)
    process(
        "train", TINY, "--data", data, "--out", keep / "run", "--epochs", 2, *COMMON,
        "--resume",
    )  # fmt: skip
    assert outcome(keep / "run") == outcome(whole)


@needs_mount
def test_a_folder_that_is_closed_is_one_line(tmp_path, data):
    """A read-only mount: root may write into a folder that others may not."""
    folder, keep = tmp_path / "disk", tmp_path / "kept"
    folder.mkdir()
    keep.mkdir()
    program = f"{sys.executable} -m medt_gen train {TINY} --data {data}"
    command = f"mount -o remount,ro {folder} && {program} --out {folder}/run {' '.join(COMMON)}"
    result = ended(on_small_disk(folder, 700, command, keep), 2)
    assert result.stderr.count("error[") == 1
    assert "Read-only file system" in result.stderr
    assert "Traceback" not in result.stderr


def started(*arguments):
    command = [sys.executable, "-m", "medt_gen", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_once_is_after_saving_and_the_rest_is_done_later(tmp_path, data, number):
    out, whole = tmp_path / "run", tmp_path / "whole"
    options = ["train", TINY, "--data", data, "--epochs", 40, *COMMON]
    running = started(*options, "--out", out)
    until(lambda: (out / "log.jsonl").exists() and len(events(out, "epoch")) > 1)
    os.kill(running.pid, number)
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 130, stderr
    assert "stopped as asked; --resume goes on" in stdout
    assert events(out)[-1] == {"event": "end", "why": "interrupted"}
    process(*options, "--out", out, "--resume")
    process(*options, "--out", whole)
    assert outcome(out) == outcome(whole)


def test_a_loss_that_is_no_number_says_where(tmp_path, data):
    out = tmp_path / "run"
    options = ["--optimizer", "sgd", "--lr", "1e30", "--epochs", 3, *COMMON]
    result = process("train", TINY, "--data", data, "--out", out, *options, code=1)
    assert re.search(
        r"error\[training\]: the loss is (nan|inf) in epoch \d, step \d, of the images "
        r"`p\d_\d`, .*gradients: ",
        result.stderr,
    ), result.stderr
    assert "a smaller --lr" in result.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["--lr", "0.5"], "`lr` was 0.001, and is 0.5"),
        (["--seed", "1"], "`seed` was 0, and is 1"),
        (["--set", "modules.drop.p=0.1"], "the spec"),
        (["--fit", "resize"], "`fit` was crop, and is resize"),
        (["--loss", "dice"], "`loss` was cross_entropy, and is dice"),
    ],
)
def test_a_run_is_resumed_as_it_was_begun(tmp_path, data, capsys, change, told):
    from medt_gen.cli import main

    out = tmp_path / "run"
    options = ["train", TINY, "--data", str(data), "--out", str(out), "--epochs", "1"]
    assert main([*options, *COMMON]) == 0
    before = outcome(out)
    assert main([*options, *COMMON, "--resume", *change]) == 2
    error = capsys.readouterr().err
    assert "error[run]: this is not how the run in" in error
    assert told in " ".join(error.split())
    assert outcome(out) == before


def test_other_images_are_named(tmp_path, capsys):
    from medt_gen.cli import main

    data, out = two_classes(tmp_path / "data", 10), tmp_path / "run"
    options = ["train", TINY, "--data", str(data), "--out", str(out), "--epochs", "1"]
    assert main([*options, *COMMON]) == 0
    two_classes(data, 1, seed=5)
    assert main([*options, *COMMON, "--resume"]) == 2
    assert "other images: `p0_0`" in capsys.readouterr().err


def test_a_run_that_is_there_is_not_begun_again(tmp_path, data, capsys):
    from medt_gen.cli import main

    out = tmp_path / "run"
    options = ["train", TINY, "--data", str(data), "--out", str(out), "--epochs", "1"]
    assert main([*options, *COMMON]) == 0
    assert main([*options, *COMMON]) == 2
    assert "holds a run already" in capsys.readouterr().err
    assert main([*options[:-3], str(tmp_path / "no"), *COMMON, "--resume"]) == 2
    assert "nothing to resume" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--class-weights", "[1,2,3]"], "`class_weights` has 3 numbers"),
        (["--output-weights", "[1,2]"], "`output_weights` is for the outputs `out`"),
        (
            ["--output-weights", "{main: 1}"],
            "`output_weights` is for the outputs `out`",
        ),
    ],
)
def test_weights_of_what_there_is_not(tmp_path, data, capsys, options, told):
    from medt_gen.cli import main

    out = tmp_path / "run"
    given = ["train", TINY, "--data", str(data), "--out", str(out), *COMMON]
    assert main([*given, *options]) == 1
    assert told in " ".join(capsys.readouterr().err.split())
    assert not out.exists()


def test_a_last_batch_of_one_that_a_norm_does_not_take(tmp_path, capsys):
    from medt_gen.cli import main

    net, data = tmp_path / "net.yaml", two_classes(tmp_path / "data", 10)
    net.write_text(
        "medt-gen: 1\ninput: {channels: 3, size: 16}\nmodules:\n"
        "  pool: {type: AdaptiveAvgPool2d, output_size: 1}\n  bn: BatchNorm2d\n"
        "  head: {type: Conv2d, out_channels: 2, kernel_size: 1}\n"
        "forward:\n  whole: x | pool | bn\n  out: x | scale(whole) | head\n"
    )
    given = ["train", str(net), "--data", str(data), "--out", str(tmp_path / "run")]
    assert main([*given, "--split", "70/30/0", "--batch-size", "3"]) == 1
    text = " ".join(capsys.readouterr().err.split())
    assert "a batch of 1 leaves a norm one value per channel" in text

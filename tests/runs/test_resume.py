"""A run that is killed and resumed ends as one that was not, to the bit."""

import pytest

from runs.folders import TINY, events, killed, outcome, process, two_classes

pytestmark = pytest.mark.training

HARD = (
    "--epochs 5 --batch-size 3 --accumulate 2 --ema 0.9 --schedule cosine "
    "--warmup-epochs 1 --augment flip_horizontal=0.5 --augment rotate=20 "
    "--clip-norm 1 --save-every 1 --split 70/30/0 --progress none --lr 0.01"
).split()

KILLS = [
    ("step", 1),
    ("in-write", 2),
    ("before-fsync", 9),
    ("after-fsync", 12),
    ("before-replace", 4),
    ("after-replace", 3),
    ("step", 2),
    ("after-replace", 5),
    ("before-replace", 7),
    ("in-write", 5),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return two_classes(tmp_path_factory.mktemp("data"), 13)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, data):
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    process("train", TINY, "--data", data, "--out", out, *HARD)
    return out


def first_steps(folder):
    """Of each process: where its last state was, and where it began to compute."""
    state, pairs = (0, 0), []
    for item in events(folder):
        if item["event"] == "state":
            state = (item["epoch"], item["step"])
        if item["event"] == "resume":
            pairs.append((state, (item["epoch"], item["step"])))
    return pairs


def check(folder, undisturbed):
    assert outcome(folder) == outcome(undisturbed)
    for state, begun in first_steps(folder):
        # The line of a state comes after its file: one may be missing, none too many.
        assert begun >= state


def test_ten_kills_change_nothing(tmp_path, data, undisturbed):
    out = tmp_path / "run"
    arguments = ["train", TINY, "--data", data, "--out", out, *HARD]
    for number, (what, count) in enumerate(KILLS):
        resumed = ["--resume"] if (out / "run.json").exists() else []
        killed(what, count, *arguments, *resumed)
        assert number == 0 or (out / "run.json").exists()
    process(*arguments, "--resume")
    check(out, undisturbed)
    assert not list(out.glob(".*"))


def test_the_number_of_workers_changes_nothing(tmp_path, data, undisturbed):
    for workers in (1, 2):
        out = tmp_path / f"run{workers}"
        given = ["--data", data, "--out", out, "--workers", workers]
        process("train", TINY, *given, *HARD)
        assert outcome(out) == outcome(undisturbed)


def test_three_kills_with_workers_change_nothing(tmp_path, data, undisturbed):
    out = tmp_path / "run"
    arguments = ["train", TINY, "--data", data, "--out", out, *HARD, "--workers", 2]
    killed("step", 3, *arguments)
    killed("after-replace", 4, *arguments, "--resume")
    killed("in-write", 3, *arguments, "--resume")
    process(*arguments, "--resume")
    check(out, undisturbed)

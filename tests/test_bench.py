"""The benchmark measures what it says."""

import json

import pytest

from tools.bench import __main__ as bench
from tools.bench import measure
from tools.bench.cases import Case

_SMALL = Case("eval", "gated", size=64)


def test_times_are_checked_and_written(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "time_cases", lambda: [_SMALL])
    bench.run(["--rounds", "2", "--json", str(tmp_path / "times.json")])
    (row,) = json.loads((tmp_path / "times.json").read_text())["time"]
    assert row["ratio_least"] <= row["ratio"] <= row["ratio_most"]
    assert row["naive_ms"] > 0 < row["ours_ms"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--rounds", "0"], "0 is no number from 1 to 999999"),
        (["--threads", "two"], "two is no number"),
        (["--device", "cuda"], "torch finds no such device here"),
        (["--json", "no/such/folder/x.json"], "no/such/folder/x.json: No such file"),
        (["--only", "gatd"], "--only gatd: no case; there are: eval axialunet 128px"),
        (["--json", "tests"], "--json tests: Is a directory"),
        (["--growth", "--only", "gated"], "--growth and --commands lack"),
        (["--memory", "--only", "256px"], "there are: train axialunet 128px batch 4"),
    ],
)
def test_what_cannot_be_done_is_refused_first(
    arguments, complaint, capsys, monkeypatch
):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit) as caught:
        bench.run(arguments)
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(("ours", "status"), [(50.0, 0), (70.0, 1)])
def test_memory_that_misses_its_ratio_is_told(ours, status, capsys, monkeypatch):
    used = {"naive": 100.0, "ours": ours}
    monkeypatch.setattr(measure, "memory_of", lambda case, form, device: used[form])
    assert bench.run(["--memory", "--only", "train medt"]) == status
    assert capsys.readouterr().out.endswith("MISSED\n") == bool(status)


def test_single_layers_are_compared_too(capsys, monkeypatch):
    layer = Case("train", "attention", size=8, channels=96)
    monkeypatch.setattr(bench, "layer_cases", lambda: [layer])
    assert bench.run(["--layers", "--rounds", "1"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == "case naive ms ours ms ratio (least to most)".split()
    assert row.startswith("train 96 channels 8px batch 1  ")


def test_forms_that_differ_stop_the_benchmark(monkeypatch):
    built = measure.pair

    def other(case, device):
        slow, fast = built(case, device)
        fast.conv1.weight.data += 1
        return slow, fast

    monkeypatch.setattr(measure, "pair", other)
    with pytest.raises(RuntimeError, match="eval gated 64px batch 1: the two forms"):
        measure.measure_time(_SMALL, rounds=1, device="cpu", clock="cpu")


@pytest.mark.parametrize("form", ["naive", "ours"])
def test_memory_of_each_form_is_measured(form):
    assert measure.memory_of(_SMALL, form, "cpu") > 1


def test_a_peak_that_cannot_be_reset_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measure, "_CLEAR", tmp_path / "missing" / "clear_refs")
    measure.peak_of("ours", _SMALL, "cpu")
    assert "a figure may be low" in capsys.readouterr().err


def test_eval_of_a_large_image_holds_a_few_chunks():
    """Their results, kept in a list, once left holes: up to 690 MB."""
    assert measure.memory_of(Case("eval", "gated", size=512), "ours", "cpu") < 265

"""A slice of the fuzzer's cases, and what the whole of it has found."""

from __future__ import annotations

import pytest

import medt_gen
from tools.fuzz.__main__ import case_of, main
from tools.fuzz.targets import TARGETS, specs

CASES = 1_200
PARTS = 10


@pytest.mark.parametrize("target", sorted(TARGETS))
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(part, marks=[pytest.mark.slow] * (part > 2))
        for part in range(PARTS)
    ],
)
def test_slice(target: str, part: int) -> None:
    """Nothing but MedtGenError leaves what reads the inputs."""
    count = CASES // len(TARGETS) // PARTS
    for seed in range(part * count, (part + 1) * count):
        TARGETS[target][1](case_of(target, seed))


def test_cases_have_numbers() -> None:
    assert case_of("spec", 7) == case_of("spec", 7)
    assert case_of("spec", 7) != case_of("spec", 8)


def test_the_fuzzer_reports_what_it_finds(monkeypatch, capsys) -> None:
    def broken(case: tuple[str, ...]) -> None:
        raise ValueError("a defect")

    monkeypatch.setitem(TARGETS, "flow", (TARGETS["flow"][0], broken))
    arguments = ["fuzz", "--target", "flow", "--start", "3", "--cases", "5"]
    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 1
    out, err = capsys.readouterr()
    assert out.startswith("finding: --target flow --start 3")
    assert "ValueError: a defect" in err


def test_an_argument_that_is_null_in_all_instances_is_written() -> None:
    """Found as spec case 19853: `dim:` without a value."""
    text = specs()[-1].replace("dim: 1", "dim: null")
    assert "nn.Softmax(dim=None)" in medt_gen.emit(medt_gen.load(text=text))

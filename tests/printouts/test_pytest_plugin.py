"""The pytest plugin, in test runs of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import torch
from torch import nn

from medt_gen.printouts.regression.live import held_tensors
from medt_gen.printouts.regression.reference import Reference, snapshot

pytest_plugins = ["pytester"]

TEST = """
import torch
from torch import nn
from medt_gen.pytest_plugin import assert_printout as check

def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, {width}, 3), nn.BatchNorm2d({width}), {more})

def test_function():
    check(net(), "net.txt")

def test_fixture(assert_printout):
    model = net()
    {change}
    assert_printout(model, "net.txt")
"""


@pytest.fixture
def project(pytester: pytest.Pytester):
    def write(*, width: int = 4, more: str = "nn.ReLU()", change: str = "pass"):
        text = TEST.format(width=width, more=more, change=change)
        pytester.makepyfile(test_net=text)
        return pytester

    return write


def _run(pytester: pytest.Pytester, *options: str):
    # hypothesis would be imported anew by each of these runs
    quiet = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    return pytester.runpytest(*quiet, *options)


def test_a_missing_reference_fails_and_says_what_to_do(project) -> None:
    result = _run(project())
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*no reference *net.txt*--update-printouts*"])


def test_update_writes_what_later_runs_compare_with(project) -> None:
    pytester = project()
    _run(pytester, "--update-printouts").assert_outcomes(passed=2)
    folder = pytester.path / "printouts"
    assert sorted(path.name for path in folder.iterdir()) == ["net.txt", "net.txt.json"]
    stored = (folder / "net.txt").read_text(encoding="utf-8")
    assert stored.startswith("Sequential(\n  (0): Conv2d(3, 4,")
    _run(pytester).assert_outcomes(passed=2)


def _stored(project) -> pytest.Pytester:
    pytester = project()
    _run(pytester, "--update-printouts").assert_outcomes(passed=2)
    return pytester


def test_a_failure_lists_the_differences_by_path(project) -> None:
    _stored(project)
    result = _run(project(width=5, more="nn.Dropout(), nn.ReLU()"))
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*0: out_channels: 4 -> 5",
            "*1: num_features: 4 -> 5",
            "*0.weight: parameter float32 [[]4, 3, 3, 3[]] -> *[[]5, 3, 3, 3[]]",
        ],
        consecutive=False,
    )
    result.stdout.fnmatch_lines(
        ["*2: added on the right: (2): Dropout*", "*so 2 -> 3*"]
    )
    assert "Conv2d(3" not in result.stdout.str()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("model[0].weight.requires_grad_(False)", "*0.weight: *-> float32*frozen"),
        ("model.half()", "*0.weight: parameter float32*-> float16*"),
        ("model.extra = nn.Parameter(torch.ones(2))", "*extra: parameter none -> *"),
        ("model.register_buffer('b', torch.ones(2))", "*b: buffer none -> float32*"),
    ],
)
def test_what_a_printout_hides_is_compared_too(project, change: str, line: str) -> None:
    _stored(project)
    result = _run(project(change=change))
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*the printout is the same; only what it hides*", line]
    )


def _as_older_torch(pytester: pytest.Pytester) -> None:
    path = pytester.path / "printouts" / "net.txt"
    text = path.read_text(encoding="utf-8")
    older = text.replace("affine=True, bias=True,", "affine=True,")
    newer = text.replace("affine=True, track", "affine=True, bias=True, track")
    path.write_text(older if older != text else newer, encoding="utf-8")


def test_another_torch_that_prints_a_default_is_no_difference(project) -> None:
    pytester = _stored(project)
    _as_older_torch(pytester)
    _run(pytester).assert_outcomes(passed=2)
    result = _run(pytester, "--printouts=exact")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*1: bias: *not printed*"])


def test_update_leaves_equal_references_as_they_are(project) -> None:
    pytester = _stored(project)
    _as_older_torch(pytester)
    path = pytester.path / "printouts" / "net.txt"
    before = path.read_text(encoding="utf-8")
    _run(pytester, "--update-printouts").assert_outcomes(passed=2)
    assert path.read_text(encoding="utf-8") == before
    _run(pytester, "--update-printouts", "--printouts=exact").assert_outcomes(passed=2)
    assert path.read_text(encoding="utf-8") != before


@pytest.mark.parametrize("damage", ["", "[]", '{"parameters": {}}', "{"])
def test_a_damaged_reference_fails_with_a_reason(project, damage: str) -> None:
    pytester = _stored(project)
    path = pytester.path / "printouts" / "net.txt.json"
    path.write_text(damage, encoding="utf-8")
    result = _run(pytester)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*the reference *net.txt can't be read: *"])


def test_a_name_must_stay_in_its_folder(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from torch import nn

        @pytest.mark.parametrize("name", ["../n", "/n.txt", "a/../../x", ".", ""])
        def test_it(assert_printout, name):
            with pytest.raises(ValueError, match="leads out"):
                assert_printout(nn.ReLU(), name)
        """
    )
    _run(pytester, "--update-printouts").assert_outcomes(passed=5)


def test_a_model_with_its_own_repr_is_compared_as_text(
    pytester: pytest.Pytester,
) -> None:
    source = """
        from torch import nn

        class Own(nn.Module):
            def __repr__(self):
                return "<own {word} at 0x7f1234567%d>" % (id(self) % 7)

        def test_it(assert_printout):
            assert_printout(Own(), "own.txt")
    """
    pytester.makepyfile(test_own=source.replace("{word}", "one"))
    _run(pytester, "--update-printouts").assert_outcomes(passed=1)
    _run(pytester).assert_outcomes(passed=1)
    pytester.makepyfile(test_own=source.replace("{word}", "two"))
    result = _run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*line 1: <own one at * -> <own two at *"])


def test_outside_of_a_test_it_says_so() -> None:
    code = (
        "from medt_gen.pytest_plugin import assert_printout\n"
        "try:\n    assert_printout(None, 'x')\n"
        "except RuntimeError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "running pytest test" in done.stdout


def test_the_plugin_costs_nothing_where_it_is_not_used() -> None:
    code = (
        "import sys, medt_gen.pytest_plugin, json\n"
        "print(json.dumps([m for m in ('torch', 'rich', 'yaml', 'jsonschema')"
        " if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_the_printout_package_needs_no_torch() -> None:
    code = (
        "import sys, medt_gen.printout, medt_gen.views.trees\n"
        "import medt_gen.printouts.regression.reference, medt_gen.printouts.report\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_tensors_of_a_module_by_name() -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.LazyLinear(4), nn.BatchNorm1d(4))
    module.tied = module[0].weight
    module.register_buffer("passing", torch.zeros(2), persistent=False)
    held = held_tensors(module)
    assert held.parameters["tied"] == "float32 [3, 2]"
    assert held.parameters["0.weight"] == "float32 [3, 2]"
    assert held.parameters["1.weight"] == "float32 [not known yet]"
    assert held.buffers == {
        "passing": "float32 [2] not saved",
        "2.running_mean": "float32 [4]",
        "2.running_var": "float32 [4]",
        "2.num_batches_tracked": "int64 []",
    }


class Stated(nn.Module):
    """A module with an extra state, two tied layers, and what its state_dict changes."""

    def __init__(self, *, tied: bool = True, state: object = 1, lost: bool = False):
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)
        if tied:
            self.second.weight = self.first.weight
        self.kept = state
        self.lost = lost

    def get_extra_state(self):
        return self.kept

    def set_extra_state(self, state):
        self.kept = state

    def state_dict(self, *args, **kwargs):
        found = super().state_dict(*args, **kwargs)
        if self.lost:
            del found["first.bias"]
        return found


def problem(tmp_path, before: nn.Module, after: nn.Module) -> str | None:
    reference = Reference(tmp_path / "net.txt")
    for path, text in reference.texts(snapshot(before)).items():
        path.write_text(text)
    return reference.problem(snapshot(after))


@pytest.mark.parametrize(
    ("after", "line"),
    [
        (Stated(tied=False), "second.weight: shared with first.weight -> none"),
        (Stated(state="x"), "_extra_state: state int -> str"),
        (Stated(lost=True), "first.bias: state none -> not saved"),
    ],
)
def test_ties_and_further_state_are_compared(tmp_path, after, line) -> None:
    assert problem(tmp_path, Stated(), Stated()) is None
    found = problem(tmp_path, Stated(), after)
    assert found is not None
    assert line in found


def test_a_record_without_the_newer_facts_is_read_and_completed(tmp_path) -> None:
    reference = Reference(tmp_path / "net.txt")
    for path, text in reference.texts(snapshot(Stated())).items():
        path.write_text(text)
    stored = json.loads(reference.tensors_path.read_text())
    old = {kind: stored[kind] for kind in ("parameters", "buffers")}
    reference.tensors_path.write_text(json.dumps(old))
    assert reference.problem(snapshot(Stated(tied=False))) is None
    reference.update(snapshot(Stated()))
    assert json.loads(reference.tensors_path.read_text()) == stored
    assert reference.problem(snapshot(Stated(tied=False))) is not None


def test_another_code_of_a_traced_graph_fails(tmp_path) -> None:
    class Net(nn.Module):
        def __init__(self, scale):
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)
            self.scale = scale

        def forward(self, x):
            return self.conv(x) * self.scale

    one, other = (torch.fx.symbolic_trace(Net(scale)) for scale in (2, 3))
    assert problem(tmp_path, one, one) is None
    found = problem(tmp_path, one, other)
    assert found is not None
    assert "the traced code, line" in found


FORMS = {
    "leaf": lambda bias: nn.GroupNorm(1, 8),
    "scripted": lambda bias: torch.jit.script(
        nn.Sequential(nn.Linear(3, 4, bias), nn.ReLU())
    ),
    "parametrized": lambda bias: torch.nn.utils.parametrizations.weight_norm(
        nn.Linear(3, 4, bias)
    ),
    "lazy": lambda bias: nn.Sequential(nn.LazyLinear(4, bias)),
    "wrapped": lambda bias: nn.DataParallel(
        nn.Sequential(nn.Conv2d(3, 8, 3, bias=bias), nn.BatchNorm2d(8))
    ),
    "traced": lambda bias: torch.fx.symbolic_trace(
        nn.Sequential(nn.Conv2d(3, 8, 3, bias=bias), nn.InstanceNorm2d(8))
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_test_survives_another_torch_and_sees_a_lost_bias(tmp_path, form) -> None:
    """What older versions leave out of norms is no difference; a bias that is gone is."""
    make = FORMS[form]
    assert problem(tmp_path, make(True), make(True)) is None
    path = tmp_path / "net.txt"
    path.write_text(re.sub(r"(Norm.*affine=\w+), bias=\w+", r"\1", path.read_text()))
    reference = Reference(path)
    assert reference.problem(snapshot(make(True))) is None
    if form != "leaf":
        assert "bias" in (reference.problem(snapshot(make(False))) or "")

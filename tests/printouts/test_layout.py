"""Intact printouts: parse then render is the identity, modules are the living ones."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import count_modules, parse, render, walk
from medt_gen.printouts.regression.live import walk_modules
from tests.printouts.samples import GOLDEN, NET


@pytest.mark.parametrize(
    "path", sorted(GOLDEN.glob("*.repr.txt")), ids=lambda p: p.stem
)
def test_reference_printouts_survive(path) -> None:
    text = path.read_text(encoding="utf-8").rstrip("\n")
    assert render(parse(text)) == text


def test_a_run_stays_one_row_and_expands_on_demand() -> None:
    tree = parse(NET)
    paths = [path for path, _ in walk(tree)]
    assert "blocks.0-2.norm" in paths
    expanded = [path for path, _ in walk(tree, expand=True)]
    assert [p for p in expanded if p.endswith("norm")] == [
        f"blocks.{i}.norm" for i in range(4)
    ]
    assert count_modules(tree) == len(expanded) == 17


class Talkative(nn.Module):
    """Whatever its own text is, next to two children."""

    def __init__(self, own: str, *, children: bool = True) -> None:
        super().__init__()
        self.own = own
        if children:
            self.a = nn.Linear(2, 3)
            self.b = nn.Sequential(nn.ReLU(), nn.ModuleList([nn.Tanh(), nn.Tanh()]))

    def extra_repr(self) -> str:
        return self.own


OWN_TEXTS = [
    "x=1",
    "x=1\ny=2",
    "\nx=1\n\n  deep\n",
    "smile=:(",
    "range=[0, 1)",
    "config=Config(\n  a=1,\n  b=(2,\n  3)\n)",
    "path 'a(b'",
    "注意(力)",
    "tabs\tand\x0bother\u2028breaks\r",
    "'&amp;' &lt;",
    "x=1 (fc): Linear(3)",
    "    (0): Parameter containing: [torch.float32 of size 3]",
    ")",
    "tensor([1, ..., 3])",
]


@pytest.mark.parametrize("children", [True, False])
@pytest.mark.parametrize("own", OWN_TEXTS)
def test_own_text_is_kept_byte_by_byte(own: str, children: bool) -> None:
    model = nn.ModuleDict({"m": Talkative(own, children=children), "n": nn.ReLU()})
    tree = parse(repr(model))
    assert render(tree) == repr(model)
    assert _modules(tree) == list(walk_modules(model))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_any_own_text_survives(own: str, children: bool) -> None:
    text = repr(nn.Sequential(Talkative(own, children=children)))
    assert render(parse(text)) == text


@given(
    st.recursive(
        st.sampled_from(["relu", "linear", "norm", "none"]),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.from_regex(r"[a-z_ 0-9()\-]{1,5}", fullmatch=True), inner
            ),
        ),
        max_leaves=12,
    )
)
def test_any_tree_of_modules_survives(plan) -> None:
    model = nn.ModuleDict({"root": _build(plan)})
    tree = parse(repr(model))
    assert render(tree) == repr(model)
    assert _modules(tree) == list(walk_modules(model))


def _build(plan) -> nn.Module:
    leaves = {"relu": nn.ReLU, "norm": lambda: nn.LayerNorm(3), "none": nn.Identity}
    if isinstance(plan, list):
        return nn.ModuleList(map(_build, plan))
    if isinstance(plan, dict):
        module = nn.Module()
        for name, inner in plan.items():
            module.add_module(name, _build(inner))
        return module
    return leaves.get(plan, lambda: nn.Linear(2, 2))()


def _modules(tree) -> list[tuple[str, str]]:
    return [(path, node.type) for path, node in walk(tree, expand=True)]


def test_what_torch_prints_without_parentheses() -> None:
    model = nn.Sequential(nn.ReLU(), nn.Linear(2, 2))
    model.register_module("gone", None)
    model.append(nn.ParameterList([torch.zeros(2), torch.zeros(3)]))
    model.append(nn.ParameterDict({"w": torch.zeros(2)}))
    model.append(nn.TransformerEncoderLayer(8, 2))
    tree = parse(repr(model))
    assert render(tree) == repr(model)
    assert _modules(tree) == list(walk_modules(model))


class OwnRepr(nn.Module):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def __repr__(self) -> str:
        return self.text


@pytest.mark.parametrize(
    "text",
    [
        "<lambda at 0x7f00>",
        "Lambda <x>",
        "Foo(\n  a=1)",
        "Foo(a,\n    b)",
        "Foo\n bar\n",
        "Foo(\n      far in\n    )\n",
        "",
        "(3, 4)",
    ],
)
def test_overridden_reprs_are_kept_as_text(text: str) -> None:
    model = nn.ModuleDict({"a": nn.ReLU(), "own": OwnRepr(text), "b": nn.Tanh()})
    tree = parse(repr(model))
    assert render(tree) == repr(model)
    assert [path for path, _ in walk(tree)][-1] == "b"


def _refused(text: str):
    with pytest.raises(InvalidInput) as caught:
        parse(text, "net.txt")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.place is not None
    return diagnostic


@pytest.mark.parametrize("lines", range(2, NET.count("\n") + 1))
def test_a_cut_off_printout_says_what_was_open(lines: int) -> None:
    kept = NET.split("\n")[:lines]
    diagnostic = _refused("\n".join(kept) + "\n")
    assert diagnostic.code == "printout-cut-off"
    assert diagnostic.place.line == lines
    assert diagnostic.notes[-1].place.line == 1


def test_a_cut_off_printout_names_the_innermost_module() -> None:
    diagnostic = _refused("\n".join(NET.split("\n")[:5]))
    assert "blocks.0-2 (Block)" in diagnostic.message
    assert [note.place.line for note in diagnostic.notes] == [4, 3, 1]
    assert diagnostic.place.column == len(NET.split("\n")[4]) + 1


@pytest.mark.parametrize("column", range(18, 68, 7))
def test_a_row_cut_in_the_middle_is_refused(column: int) -> None:
    lines = NET.split("\n")
    lines[1] = lines[1][:column]
    assert _refused("\n".join(lines)).place.line in (2, 3)


def test_a_lost_closing_parenthesis_is_refused() -> None:
    lines = NET.split("\n")
    del lines[6]
    diagnostic = _refused("\n".join(lines))
    assert diagnostic.code == "printout-broken"
    assert diagnostic.place.line == 7
    assert "blocks.0-2" in diagnostic.message


def test_a_run_must_add_up() -> None:
    diagnostic = _refused(NET.replace("3 x Block", "4 x Block"))
    assert diagnostic.code == "printout-run"
    assert diagnostic.place.line == 4


def test_rows_without_their_root_are_refused() -> None:
    assert _refused(NET.partition("\n")[2]).code == "printout-cut-off"

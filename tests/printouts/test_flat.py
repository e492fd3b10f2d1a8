"""Flattened printouts: the same tree, or a diagnostic that names the ambiguity."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import compare, count_modules, find, parse, render, walk
from medt_gen.printouts.regression.live import walk_modules
from tests.printouts.samples import NET, REFERENCE, flatten, golden

SEED = (REFERENCE / "seed.txt").read_text(encoding="utf-8")


def test_the_seed_has_four_printouts_with_their_headings() -> None:
    found = find(SEED, "seed.txt")
    assert [item.tree.type for item in found] == [
        "ResAxialAttentionUNet",
        "ResAxialAttentionUNet",
        "medt_net",
        "medt_net",
    ]
    assert [item.heading for item in found] == [
        "1.1 原始的 axialAttentionUNet",
        "1.2 添加了门控单元的轴注意力网络",
        "2.1 local _ global",
        "2.2 Med transformer",
    ]
    assert [item.line for item in found] == [18, 28, 46, 59]
    assert all(item.flattened for item in found)


@pytest.mark.parametrize(
    ("number", "name"), [*enumerate(["axialunet", "gated", "logo", "medt"])]
)
def test_the_seed_is_the_reference_networks(number: int, name: str) -> None:
    tree = find(SEED)[number].tree
    assert compare(tree, parse(golden(name)), exact=True) == []
    assert render(tree) == golden(name)


@pytest.mark.parametrize("space", ["", " ", "\n", "\n  "])
def test_any_space_may_stand_where_line_breaks_were(space: str) -> None:
    flat = space.join(line.strip() for line in NET.split("\n"))
    assert render(parse(flat)) == NET


class Own(nn.Module):
    def __init__(self, own: str, **children: nn.Module) -> None:
        super().__init__()
        self.own = own
        for name, child in children.items():
            self.add_module(name, child)

    def extra_repr(self) -> str:
        return self.own


ALIKE = "(fc): Linear(in_features=1, out_features=2, bias=True)"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Own(f"dim=3 {ALIKE}", a=nn.ReLU()), "part of its own text"),
        (Own(f"dim=3, {ALIKE}"), "part of its own text"),
        (Own(ALIKE, fc=nn.ReLU()), "two rows"),
        (Own("range=[0, 1)", a=nn.ReLU()), "closes nothing"),
        (Own("text=':('", a=nn.ReLU()), "without its partner"),
        (Own("text=':)'", a=nn.ReLU()), "text after the children"),
    ],
)
def test_an_ambiguous_text_is_refused_by_name(model: nn.Module, reason: str) -> None:
    whole = nn.Sequential(nn.Tanh(), model, nn.Tanh())
    with pytest.raises(InvalidInput) as caught:
        parse(flatten(repr(whole)))
    (diagnostic,) = caught.value.diagnostics
    assert reason in diagnostic.message
    assert diagnostic.code == "printout-ambiguous"
    assert diagnostic.help is not None
    assert "line breaks" in diagnostic.help


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Linear(", ""),
        ("(Linear(", ""),
        (")Linear(", ""),
        ("", "))x=1"),
        ("", "))("),
        ("(", "Linear(("),
        ("[", ")]("),
    ],
)
def test_a_root_that_may_be_another_one_is_refused(first: str, second: str) -> None:
    model = Own(first, x=Own(second, y=nn.Tanh()), z=nn.ReLU())
    with pytest.raises(InvalidInput):
        parse(flatten(repr(model)))


own_texts = st.lists(
    st.sampled_from(
        "x=1|(3, 4)|, | |[|]|(|)|'|\"|fc|: |Linear(|{|=|(a): B()|(a)|None|\n".split("|")
    ),
    max_size=7,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(own_texts, own_texts, st.booleans())
def test_never_a_guess(first: str, second: str, leaf: bool) -> None:
    """Only what reads exactly like a child, row for row, is taken for one."""
    inner = {} if leaf else {"y": nn.Tanh()}
    model = Own(first, x=Own(second, **inner), z=nn.ReLU())
    text = flatten(repr(model))
    try:
        tree = parse(text)
    except InvalidInput:
        return
    expected = list(walk_modules(model))
    found = [(path, node.type) for path, node in walk(tree)]
    assert found == expected or _reads_like_a_child(first, second)


def _reads_like_a_child(*texts: str) -> bool:
    return any("): " in text for text in texts)


def test_wrapped_one_liners_and_own_text_keep_their_values() -> None:
    model = Own("groups=2, shape=(3, 4)", a=nn.Conv2d(3, 4, 3), b=nn.Upsample(size=3))
    tree = parse(flatten(repr(model)))
    assert tree.attributes == ("groups=2, shape=(3, 4)",)
    assert tree.children[0].attributes == (model.a.extra_repr(),)
    assert render(tree) == repr(model)


def test_a_child_that_is_none_is_no_module() -> None:
    model = nn.Sequential(nn.Tanh())
    model.register_module("gone", None)
    model.add_module("last", nn.Linear(2, 2))
    tree = parse(flatten(repr(model)))
    assert render(tree) == repr(model)
    assert [path for path, _ in walk(tree)] == ["", "0", "last"]


def test_names_with_parentheses_are_names() -> None:
    model = nn.Sequential(nn.Tanh())
    model.add_module("a(b)", nn.ReLU())
    assert render(parse(flatten(repr(model)))) == repr(model)


@pytest.mark.parametrize("cut", range(5, len(flatten(NET)) - 1, 11))
def test_a_cut_off_text_says_what_was_open(cut: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(flatten(NET)[:cut])
    (diagnostic,) = caught.value.diagnostics
    if cut > 30:
        assert diagnostic.code == "printout-cut-off"
        assert diagnostic.place is not None
        assert diagnostic.place.column == len(flatten(NET)[:cut].rstrip()) + 1
        assert diagnostic.notes[-1].message == "the root (Net) was opened here"


def test_one_parenthesis_too_many_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no partner"):
        parse("Net((a): B(range=[0, 1)))".replace("[0, 1)", "1)"))


def test_hostile_nesting_and_counts_are_harmless() -> None:
    deep = parse("A(" + "(x): A(" * 20_000 + ")" * 20_001)
    assert count_modules(deep) == 20_001
    claimed = "A(" + "(0-999): 1000 x A(" * 6 + ")" * 7
    tree = parse(claimed)
    assert count_modules(tree) > 10**18
    assert compare(tree, parse(claimed)) == []
    assert repr(deep) == "Node('A()', 1 children)"


def test_what_deep_nesting_would_print_is_refused_not_written() -> None:
    with pytest.raises(InvalidInput, match="longer than"):
        render(parse("A(" + "(x): A(" * 20_000 + ")" * 20_001))

"""Comparing trees: typed differences by path, one for one change."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medt_gen.printout import Difference, compare, parse, render
from medt_gen.printouts.align import Match, align
from medt_gen.printouts.compare import DifferenceKind
from medt_gen.printouts.report import KeyChange, as_json, as_lines, key_changes
from tests.printouts.samples import NET, flatten, golden


def _sequence(*rows: str, kind: str = "Sequential") -> str:
    inner = "\n".join(f"    ({i}): {row}" for i, row in enumerate(rows))
    return f"Net(\n  (body): {kind}(\n{inner}\n  )\n)"


def _compare(left: str, right: str, **options) -> list[Difference]:
    return compare(parse(left), parse(right), **options)


def _facts(differences: list[Difference]) -> list[tuple]:
    return [(d.kind, d.path, d.left, d.right) for d in differences]


CONVS = [f"Conv2d({2**i}, {2 ** (i + 1)}, kernel_size=(3, 3))" for i in range(6)]


def test_equal_trees_have_no_difference() -> None:
    assert _compare(NET, NET) == []
    assert _compare(NET, flatten(NET), exact=True) == []


def test_an_attribute_is_compared_by_name() -> None:
    changed = NET.replace("Conv2d(3, 8", "Conv2d(3, 16").replace("p=0.5", "p=0.1")
    differences = _compare(NET, changed)
    assert [(d.path, d.attribute, d.left, d.right) for d in differences] == [
        ("stem", "out_channels", "8", "16"),
        ("head.0", "p", "0.5", "0.1"),
    ]


def test_an_inserted_layer_is_one_difference_with_its_consequence() -> None:
    right = [*CONVS[:2], "Dropout(p=0.1, inplace=False)", *CONVS[2:]]
    (difference,) = _compare(_sequence(*CONVS), _sequence(*right))
    assert (difference.kind, difference.path) == ("added", "body.2")
    (stretch,) = difference.renumbered
    assert (stretch.before, stretch.after) == ("body.2-5", "body.3-6")
    assert KeyChange("body.5.", "body.6.") in key_changes(difference)
    assert KeyChange(None, "body.2.") in key_changes(difference)


def test_a_removed_layer_is_one_difference_with_its_consequence() -> None:
    (difference,) = _compare(_sequence(*CONVS), _sequence(*CONVS[:1], *CONVS[2:]))
    assert (difference.kind, difference.path) == ("missing", "body.1")
    assert as_lines([difference])[1].strip() == (
        "so body.2-5 -> body.1-4; state_dict keys body.[2-5].* -> body.[1-4].*"
    )


def test_each_insertion_has_its_own_stretch() -> None:
    right = ["ReLU()", *CONVS[:3], "Tanh()", *CONVS[3:]]
    first, second = _compare(_sequence(*CONVS), _sequence(*right))
    assert [s.before for s in first.renumbered] == ["body.0-2"]
    assert [s.after for s in first.renumbered] == ["body.1-3"]
    assert [s.after for s in second.renumbered] == ["body.5-7"]


def test_a_replaced_layer_is_another_type() -> None:
    right = [*CONVS[:2], "GELU(approximate='none')", *CONVS[3:]]
    (difference,) = _compare(_sequence(*CONVS), _sequence(*right))
    assert (difference.kind, difference.path) == ("type", "body.2")
    assert difference.right == "GELU(approximate='none')"


def test_a_changed_layer_beside_an_inserted_one() -> None:
    right = [CONVS[0], "ReLU()", CONVS[1].replace("3, 3", "5, 5"), *CONVS[2:]]
    kinds = {
        (d.kind, d.path, d.new_path)
        for d in _compare(_sequence(*CONVS), _sequence(*right))
    }
    assert kinds == {
        ("added", "body.1", None),
        ("attribute", "body.1", "body.2"),
    }


def test_many_edits_among_equal_blocks_stay_in_place() -> None:
    rows = ["Conv2d(8, 8, kernel_size=(3, 3))"] * 50
    changed = list(rows)
    for i in range(0, 50, 10):
        changed[i] = "Conv2d(8, 9, kernel_size=(3, 3))"
    differences = _compare(_sequence(*rows), _sequence(*changed))
    assert [d.path for d in differences] == [f"body.{i}" for i in range(0, 50, 10)]


def _run(count: int, *, own: str = "3", first: int = 0) -> str:
    name = f"({first}-{first + count - 1}): {count} x " if count > 1 else f"({first}): "
    return f"    {name}Block(\n      (fc): Linear({own})\n    )"


def _blocks(*runs: str) -> str:
    return "Net(\n  (body): ModuleList(\n" + "\n".join(runs) + "\n  )\n)"


def test_a_run_is_the_rows_it_stands_for() -> None:
    spelled_out = _blocks(*(_run(1, first=i) for i in range(4)))
    assert _compare(_blocks(_run(4)), spelled_out) == []


def test_a_change_in_a_run_is_reported_once() -> None:
    (difference,) = _compare(_blocks(_run(4)), _blocks(_run(4, own="4")))
    assert difference.path == "body.0-3.fc"


def test_a_change_inside_a_run_names_the_item() -> None:
    right = _blocks(_run(2), _run(1, own="4", first=2), _run(1, first=3))
    (difference,) = _compare(_blocks(_run(4)), right)
    assert (difference.kind, difference.path) == ("attribute", "body.2.fc")


def test_a_longer_run_adds_its_end() -> None:
    (difference,) = _compare(_blocks(_run(4)), _blocks(_run(6)))
    assert (difference.kind, difference.path) == ("added", "body.4-5")


def test_runs_too_long_to_spell_out() -> None:
    left, right = _blocks(_run(10**9)), _blocks(_run(10**9 + 2, own="4"))
    facts = {(d.kind, d.path) for d in _compare(left, right)}
    assert facts == {
        ("added", "body.1000000000-1000000001"),
        ("attribute", "body.0-999999999.fc"),
    }


def test_renamed_moved_and_reordered_children() -> None:
    left = (
        "Net(\n  (a): A(1)\n  (b): B(2)\n  (c): C(3)\n  (d): D(\n    (x): X(9)\n  )\n)"
    )
    renamed = _compare(left, left.replace("(b): B", "(beta): B"))
    assert [(d.kind, d.path, d.new_path) for d in renamed] == [("renamed", "b", "beta")]
    assert key_changes(renamed[0]) == [KeyChange("b.", "beta.")]
    moved = _compare(
        left,
        left.replace("  (b): B(2)\n", "").replace("X(9)\n", "X(9)\n    (b): B(2)\n"),
    )
    assert [(d.kind, d.path, d.new_path) for d in moved] == [("moved", "b", "d.b")]
    swapped = left.replace("A(1)", "?").replace(
        "  (a): ?\n  (b): B(2)\n", "  (b): B(2)\n  (a): A(1)\n"
    )
    (order,) = _compare(left, swapped)
    assert (order.kind, order.new_path) == ("moved", None)
    assert order.path in ("a", "b")


def test_a_renamed_child_with_another_value() -> None:
    left = "Net(\n  (old): Block(\n    (fc): Linear(3)\n  )\n)"
    right = left.replace("old", "new").replace("Linear(3)", "Linear(4)")
    assert {(d.kind, d.path, d.new_path) for d in _compare(left, right)} == {
        ("renamed", "old", "new"),
        ("attribute", "old.fc", "new.fc"),
    }


ROWS = "Net(\n  (a): A(1)\n  (b): B(2)\n  (d): D(\n    (x): X(p=9)\n  )\n)"
OTHER_ROWS = {
    "missing": ROWS.replace("  (b): B(2)\n", ""),
    "added": ROWS.replace("  (d)", "  (c): C()\n  (d)"),
    "moved": ROWS.replace("  (b): B(2)\n", "").replace("p=9)", "p=9)\n    (b): B(2)"),
    "renamed": ROWS.replace("(b)", "(beta)"),
    "type": ROWS.replace("B(2)", "C(2)"),
    "attribute": ROWS.replace("p=9", "p=8"),
}
SAID = {
    "missing": "b: missing on the right: (b): B(2)",
    "added": "c: added on the right: (c): C()",
    "moved": "b: moved to d.b",
    "renamed": "b: renamed to beta",
    "type": "b: B(2) -> C(2)",
    "attribute": "d.x: p: 9 -> 8",
}


@pytest.mark.parametrize("kind", get_args(DifferenceKind))
def test_every_kind_of_difference_is_found_and_said(kind: str) -> None:
    (difference,) = _compare(ROWS, OTHER_ROWS[kind])
    assert difference.kind == kind
    assert as_json([difference])[0]["kind"] == kind
    assert as_lines([difference]) == [SAID[kind]]


NORM = (
    "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine={0},{1} track_running_stats=True)"
)
LAYER = "LayerNorm((8,), eps=1e-05, elementwise_affine={0}{1})"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (NORM.format(True, ""), NORM.format(True, " bias=True,")),
        (NORM.format(False, ""), NORM.format(False, " bias=False,")),
        (LAYER.format(True, ""), LAYER.format(True, ", bias=True")),
        (LAYER.format(False, ""), LAYER.format(False, ", bias=False")),
        ("GroupNorm(2, 8, affine=True)", "GroupNorm(2, 8, affine=True, bias=True)"),
        ("GELU()", "GELU(approximate=none)"),
        ("GELU()", "GELU(approximate='none')"),
        ("Flatten()", "Flatten(start_dim=1, end_dim=-1)"),
        ("ReLU(inplace)", "ReLU(inplace=True)"),
        ("Upsample(scale_factor=2, mode=bilinear)",
         "Upsample(scale_factor=2.0, mode='bilinear')"),
        ("Softplus(beta=1, threshold=20)", "Softplus(beta=1.0, threshold=20.0)"),
        ("ZeroPad2d(padding=(1, 1, 1, 1), value=0.0)", "ZeroPad2d((1, 1, 1, 1))"),
        ("_LinearWithBias(in_features=1)",
         "NonDynamicallyQuantizableLinear(in_features=1)"),
    ],
)  # fmt: skip
def test_what_torch_versions_print_differently_is_equal(old: str, new: str) -> None:
    assert _compare(_sequence(old), _sequence(new)) == []
    assert len(_compare(_sequence(old), _sequence(new), exact=True)) >= 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (NORM.format(True, ""), NORM.format(True, " bias=False,")),
        (LAYER.format(True, ""), LAYER.format(True, ", bias=False")),
        ("GELU()", "GELU(approximate='tanh')"),
        ("Flatten()", "Flatten(start_dim=2, end_dim=-1)"),
        ("ReLU()", "ReLU(inplace=True)"),
        ("Foo(bias=True)", "Foo()"),
    ],
)
def test_another_value_than_the_implied_one_differs(old: str, new: str) -> None:
    assert len(_compare(_sequence(old), _sequence(new))) == 1


def test_addresses_are_equal_and_text_rows_are_compared() -> None:
    left = (
        "Net(\n  (f): Lambda(<function f at 0x7f0011223344>)\n  (g): <g at 0x7f01>\n)"
    )
    right = left.replace("0x7f0011223344", "0x55aa66bb0011").replace("0x7f01", "0x5501")
    assert _compare(left, right, exact=True) == []
    (difference,) = _compare(left, right.replace("<g", "<h"))
    assert (difference.kind, difference.path) == ("attribute", "g")


def test_the_reference_networks_differ_in_their_attentions() -> None:
    differences = _compare(golden("axialunet"), golden("gated"))
    assert {d.kind for d in differences} == {"type"}
    assert {(d.left, d.right) for d in differences} == {
        ("AxialBlock", "AxialBlock_dynamic"),
        ("AxialAttention", "AxialAttention_dynamic"),
    }
    assert len(differences) == 8 * 3


def test_json_has_what_each_side_has() -> None:
    right = [*CONVS[:5], "ReLU()", CONVS[5]]
    assert as_json(_compare(_sequence(*CONVS), _sequence(*right))) == [
        {
            "kind": "added",
            "path": "body.5",
            "left": None,
            "right": "(5): ReLU()",
            "renumbered": [{"before": "body.5", "after": "body.6"}],
            "state_dict": [[None, "body.5."], ["body.5.", "body.6."]],
        }
    ]


rows = st.lists(st.sampled_from(["ReLU()", "Tanh()", "Linear(3)", "Linear(4)"]))
networks = rows.map(lambda row: _sequence(*row) if row else "Net()")


@given(networks, networks)
def test_no_difference_means_equal_and_the_other_way_round(left, right) -> None:
    assert (_compare(left, right) == []) == (left == right)
    mirrored = len(_compare(right, left))
    assert (mirrored == 0) == (left == right)


def _cost(matches, left, right) -> int:
    total = before_x = before_y = 0
    for match in [*matches, Match(len(left), len(right))]:
        total += max(match.left - before_x, match.right - before_y)
        before_x, before_y = match.left + 1, match.right + 1
    return total


def _edit_distance(left, right) -> int:
    last = list(range(len(right) + 1))
    for i, item in enumerate(left, 1):
        row = [i]
        for j, other in enumerate(right, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (item != other)))
        last = row
    return last[-1]


items = st.lists(st.integers(0, 3), max_size=10)


@given(items, items)
def test_alignment_makes_the_fewest_edits(left, right) -> None:
    matches = align(left, right)
    assert all(left[match.left] == right[match.right] for match in matches)
    assert _cost(matches, left, right) == _edit_distance(left, right)


def test_alignment_of_very_different_sequences_ends() -> None:
    left = [i % 7 for i in range(3000)]
    right = [i % 5 for i in range(3001)]
    matches = align(left, right)
    assert all(left[match.left] == right[match.right] for match in matches)
    unique = list(range(2000))
    matches = align(unique, unique[1000:] + unique[:1000] + [-1])
    assert len(matches) == 1000


def test_hostile_nesting_can_be_compared() -> None:
    depth = 20_000
    left = parse("A(" + "(x): A(" * depth + ")" * (depth + 1))
    right = parse("A(" + "(x): A(" * (depth - 1) + "(x): B(" + ")" * (depth + 1))
    (difference,) = compare(left, right)
    assert difference.kind == "type"
    assert difference.path.count("x") == depth


def test_a_rendered_tree_compares_equal() -> None:
    assert compare(parse(NET), parse(render(parse(flatten(NET))))) == []

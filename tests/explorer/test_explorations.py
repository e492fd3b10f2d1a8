"""What a page shows, before it is a page."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from support import DRAFTS, GALLERY, NAMES, SPECS

import medt_gen
from medt_gen.explorer.encode import encoded
from medt_gen.explorer.keys import tree_of_keys
from medt_gen.explorer.notebook import static_table
from medt_gen.explorer.rows import merged_rows, row_paths, tree_rows
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.network.summary import summarize
from medt_gen.printouts import find, pick

PATHS = (*sorted(SPECS.glob("*.yaml")), *GALLERY, *sorted(DRAFTS.glob("*.yaml")))


def tree(text):
    return pick(find(text)).tree


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_row_has_the_costs_of_summary(path):
    spec = medt_gen.load(path)
    shown = medt_gen.view(spec).exploration
    known = {row.path: row for row in summarize(spec.network, spec.usual).modules}
    for name, row, cost in zip(
        row_paths(shown.rows), shown.rows, shown.costs, strict=True
    ):
        if name and row.count == 1:
            assert cost.parameters == known[name].parameters
            assert cost.multiply_adds == known[name].multiply_adds
            assert cost.calls == known[name].calls
    top = [
        cost
        for row, cost in zip(shown.rows, shown.costs, strict=True)
        if row.depth == 1
    ]
    assert sum(cost.multiply_adds for cost in top) == shown.costs[0].multiply_adds


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_lines_are_those_of_the_emitted_file(path):
    spec = medt_gen.load(path)
    shown = medt_gen.view(spec).exploration
    lines = shown.emitted.text.split("\n")
    assert medt_gen.emit(spec).startswith(shown.emitted.text.rstrip("\n"))
    for name, facts in shown.facts.items():
        last = name.rpartition(".")[2]
        if facts.own is not None:
            assert lines[facts.own[0] - 1].startswith("class ")
            assert lines[facts.own[1] - 1].strip()
        if facts.made is not None and not last.isdecimal():
            made = "\n".join(lines[facts.made[0] - 1 : facts.made[1]])
            assert re.search(rf"\b{last}\b", made), name


def test_where_each_size_comes_from():
    facts = medt_gen.view("medt").exploration.facts
    told = {item.name: item for item in facts["layer2.0.bn1"].arguments}
    assert (told["num_features"].why, told["num_features"].words) == (
        "inferred",
        "from conv_down",
    )
    told = {item.name: item for item in facts["conv1"].arguments}
    assert told["in_channels"].words == "from x"
    assert told["out_channels"].words == "$base // 2"
    assert told["stride"].words == ""
    assert told["dilation"].why == "default"
    told = {item.name: item for item in facts["layer1.0"].arguments}
    assert told["planes"].words == "$base"
    assert told["stride"].why == "default"


def test_where_a_module_is_declared():
    shown = medt_gen.view("medt").exploration
    number, line = shown.facts["layer1.0.hight_block"].spec
    text = shown.texts[number]
    assert text.name == "blocks/AxialBlock_dynamic.yaml"
    assert "hight_block" in text.text.split("\n")[line - 1]


def test_an_imported_printout_that_can_only_be_printed(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(
        "medt-gen: 1\nclass: Net\ninput: {channels: 1, size: 8}\n"
        "modules: {strange: {open: Strange, prints: a=1}}\n"
    )
    shown = medt_gen.view(path).exploration
    assert shown.no_flow.startswith("No flow: the spec has no `forward:`")
    assert "can only be printed" in shown.no_lines


def test_a_tree_of_keys():
    shapes = {"a.b.weight": (2, 3), "a.b.bias": (2,), "a.scale": (), "c": (1,)}
    rows = list(tree_rows(tree_of_keys(shapes)))
    assert [(row.depth, row.name, row.text) for row in rows] == [
        (0, "", "c: [1]"),
        (1, "a", "scale: []"),
        (2, "b", "weight: [2, 3], bias: [2]"),
    ]


def test_rows_of_two_trees():
    left = tree(
        "Net(\n  (a): Conv2d(1, 2)\n  (b): ReLU()\n  (c): Block(\n    (d): ReLU()\n  )\n)"
    )
    right = tree(
        "Net(\n  (a): Conv2d(1, 4)\n  (c): Block(\n    (d): ReLU()\n  )\n  (e): Tanh()\n)"
    )
    rows = list(merged_rows(left, right))
    assert rows[1].change == "out_channels: 2 -> 4"
    assert [(row.name, row.state, row.before) for row in rows] == [
        ("", "", ""),
        ("a", "changed", "(a): Conv2d(1, 2)"),
        ("b", "removed", ""),
        ("c", "", ""),
        ("d", "", ""),
        ("e", "added", ""),
    ]


def test_a_part_of_a_run_that_was_added():
    left = tree("Net(\n  (0-2): 3 x ReLU()\n)")
    right = tree("Net(\n  (0-4): 5 x ReLU()\n)")
    rows = [(row.name, row.count, row.state) for row in merged_rows(left, right)]
    assert rows[1:] == [("0-2", 3, ""), ("3-4", 2, "added")]
    assert row_paths(tuple(merged_rows(left, right))) == ["", "0", "3"]


def test_deep_trees_are_no_matter():
    depth = 3000
    lines = [" " * level + f"(m{level}): Block(" for level in range(1, depth)]
    lines += [" " * level + ")" for level in range(depth - 1, 0, -1)]
    deep = tree("\n".join(["Net(", *lines, ")"]))
    assert len(list(tree_rows(deep))) == depth
    assert len(list(merged_rows(deep, deep))) == depth
    keys = {".".join(f"m{level}" for level in range(depth)) + ".weight": (1,)}
    assert len(list(tree_rows(tree_of_keys(keys)))) == depth + 1


def test_the_data_of_a_page_is_plain():
    shown = medt_gen.view("gated", "axialunet").exploration
    data = json.loads(json.dumps(encoded(shown)))
    assert len(data["depth"]) == len(shown.rows)
    assert all(
        len(graph["boxes"]) == len(graph["cells"]) == len(graph["boxStates"])
        for graph in data["graphs"]
    )


def test_no_markup_and_no_end_of_a_script_in_the_data():
    hostile = "</script><!--\u2028&"
    shown = medt_gen.view("gated").exploration
    text = medt_gen.view("gated").text
    from medt_gen.explorer.page import page_text

    page = page_text(dataclasses.replace(shown, notes=(hostile,)))
    assert page.count("</script>") == text.count("</script>")
    assert "\\u003c/script\\u003e\\u003c!--\\u2028\\u0026" in page


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_a_notebook_is_small(name):
    table = static_table(medt_gen.view(name).exploration)
    assert len(table.encode()) < 20_000
    assert "<script" not in table
    assert "style" not in table


def test_the_table_of_a_large_network_is_small_and_says_what_is_left():
    lines = "\n".join(f"  (conv{i}): Conv2d({i}, 2)" for i in range(5000))
    printed = medt_gen.explorer.rows.tree_rows(tree(f"Net(\n{lines}\n)"))
    shown = dataclasses.replace(
        medt_gen.view("gated").exploration, rows=tuple(printed), costs=()
    )
    table = static_table(shown)
    assert len(table.encode()) < 20_000
    assert "more rows" in table


def test_a_comparison_shows_what_differs_in_its_table():
    html = medt_gen.diff("gated", "axialunet")._repr_html_()
    static = html.partition("<iframe")[0]
    assert "AxialBlock_dynamic -&gt; AxialBlock in 8 blocks" in static
    assert "~ layer1.0" in static


def test_a_page_says_what_was_not_compared(tmp_path):
    path = tmp_path / "printout.txt"
    path.write_text(str(medt_gen.build(medt_gen.load("gated"))))
    shown = medt_gen.view("gated", path).exploration
    assert any("data flow" in note for note in shown.notes)
    assert shown.no_flow.startswith("No flow: it is drawn where both sides are specs")


def test_what_can_not_be_viewed():
    with pytest.raises(MedtGenError):
        medt_gen.view("nothing-such")


def test_a_wrapper_that_one_side_has_is_no_difference():
    from torch import nn

    bare = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    shown = medt_gen.view(bare, nn.DataParallel(bare)).exploration
    assert shown.changes[0] == "no difference"
    assert not any(row.state for row in shown.rows)
    assert medt_gen.diff(nn.DataParallel(bare), bare).equal


def test_a_tensor_in_a_run_marks_the_run(tmp_path):
    import torch
    from torch import nn

    model = nn.Sequential(nn.ModuleList([nn.Linear(2, 2) for _ in range(4)]))
    printout, weights = tmp_path / "printout.txt", tmp_path / "weights.pt"
    printout.write_text(str(model))
    torch.save(model.state_dict() | {"0.3.weight": torch.zeros(3, 2)}, weights)
    rows = medt_gen.view(printout, weights).exploration.rows
    changed = [row for row in rows if row.state]
    assert [(row.name, row.change) for row in changed] == [
        ("0-3", "3.weight: [2, 2] -> [3, 2]")
    ]


def test_costs_are_those_of_the_only_spec(tmp_path):
    path = tmp_path / "printout.txt"
    path.write_text(str(medt_gen.build(medt_gen.load("gated"))))
    for sides in (("gated", path), (path, "gated")):
        shown = medt_gen.view(*sides).exploration
        assert len(shown.costs) == len(shown.rows)
        assert shown.totals["parameters"] == "1,326,914"

"""Where printouts stand and what happened to them: each form read right, or refused."""

from __future__ import annotations

import json

import pytest

from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import compare, find, parse, render
from medt_gen.printouts.attributes import comparable
from medt_gen.printouts.tree import count_remarks
from medt_gen.printouts.untold import untold_arguments
from medt_gen.printouts.versions import CHANGES
from tests.printouts.samples import NET

LINES = NET.split("\n")

FORMS = {
    "label behind a prefix": "\n".join(
        ["# self = Net(", *(f"# {line}" for line in LINES[1:])]
    ),
    "blanks at line ends": "\n".join(f"{line}   " for line in LINES),
    "windows in a longer text": "It is:\r\n"
    + NET.replace("\n", "\r\n")
    + "\r\nend\r\n",
    "page with breaks": "<br/>\n".join(LINES).replace("  ", "&nbsp;&nbsp;"),
    "page in one line": "<br>".join(LINES).replace("  ", "&nbsp;&nbsp;"),
    "highlighted page": NET.replace("Conv2d", '<span class="n">Conv2d</span>').replace(
        "(head)", "<b>(head)</b>"
    ),
    "quoted, escaped, coloured, windows": "\r\n".join(
        "&gt; " + line.replace("(stem)", "\x1b[31m(stem)\x1b[0m") for line in LINES
    ),
    "a string of JSON": json.dumps({"epoch": 1, "model": NET}),
    "a string of Python": repr(NET),
    "Markdown with backslashes": NET.replace("(stem)", "\\(stem\\)"),
    "a cell of a table": "| model |\n|---|\n| `" + NET.replace("\n", "<br>") + "` |",
    "log lines with a label": "\n".join(
        f"[10:11:{12 + k}] INFO {'model: ' if k == 0 else ''}{line}"
        for k, line in enumerate(LINES)
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_tree_is_read_where_it_is(name: str) -> None:
    (found,) = find(FORMS[name])
    assert not found.flattened
    assert compare(found.tree, parse(NET), exact=True) == []


@pytest.mark.parametrize("lead", ["", "    ", "> ", "# "])
def test_a_pasted_part_is_a_tree_with_a_name(lead: str) -> None:
    part = ["(19): Layer(", "  (0): ReLU()", "  (1): Tanh()", ")", "(20): Tanh()"]
    first, second = find("\n".join(f"{lead}{line}" for line in part))
    assert (first.tree.name, first.tree.type) == ("19", "Layer")
    assert (second.tree.name, second.tree.type) == ("20", "Tanh")
    assert compare(first.tree, parse("Layer(\n  (0): ReLU()\n  (1): Tanh()\n)")) == []


def test_a_flattened_part_is_read_too() -> None:
    tree = parse("(19): Layer( (0): ReLU() (1): Tanh() )")
    assert (tree.name, len(tree.children)) == ("19", 2)


def test_the_end_of_a_tree_is_no_part() -> None:
    with pytest.raises(InvalidInput, match="the beginning of the printout is missing"):
        parse("  (0): ReLU()\n  (1): Tanh()\n)\n")


@pytest.mark.parametrize(
    "text", ["Steps:\n(1) - Load(data)\n(2) - Run(model)\n", "(a): Encoder (left)\n"]
)
def test_words_in_a_sentence_are_no_part(text: str) -> None:
    with pytest.raises(InvalidInput, match="no printed module tree"):
        find(text)


REMARKED = {
    "behind a row": NET.replace("eps=1e-05, affine", "eps=1e-05, affine").replace(
        "track_running_stats=True)", "track_running_stats=True)   # 8 (of 16)"
    ),
    "an arrow": NET.replace("inplace=False)", "inplace=False)  <- here (p)"),
    "an arrow of Unicode": NET.replace(
        "inplace=False)", "inplace=False)  \u2190 here!"
    ),
    "shapes": NET.replace("inplace=False)", "inplace=False)  -> [1, 8]"),
    "dashes": NET.replace("inplace=False)", "inplace=False)   ----- drops (half)"),
    "slashes": NET.replace("inplace=False)", "inplace=False) // drops"),
    "behind an opening": NET.replace(
        "(head): Sequential(", "(head): Sequential(  # two"
    ),
    "behind a closing": NET.replace("  )\n  (head)", "  )  # blocks (4)\n  (head)"),
    "a line of its own": NET.replace("  (head)", "  # the head (last)\n  (head)"),
}


@pytest.mark.parametrize("name", REMARKED)
def test_a_remark_is_kept_counted_and_not_compared(name: str) -> None:
    tree = parse(REMARKED[name])
    assert render(tree) == REMARKED[name]
    assert count_remarks(tree) == 1
    assert compare(tree, parse(NET), exact=True) == []


def test_other_text_behind_a_row_is_its_own() -> None:
    one, other = (
        parse(f"Net(\n  (0) - Conv(3, 8): x, {edge} -> x\n)") for edge in ("a", "b")
    )
    assert one.children[0].name == "0"
    (difference,) = compare(one, other)
    assert (difference.path, difference.left) == ("0", ": x, a -> x")
    assert count_remarks(one) == 0


def test_two_rows_on_one_line_are_two_modules() -> None:
    tree = parse("Net(\n  (a): ReLU() (b): Tanh()\n)")
    assert [row.name for row in tree.children] == ["a", "b"]


SHORTENED = {
    "a row": (NET.replace("    (1): Linear", "    ...\n    (1): Linear"), 14),
    "a row outside of the layout": (
        NET.replace("    (1): Linear", "...\n    (1): L"),
        14,
    ),
    "all of a module": (NET.replace("Identity()", "Identity(...)"), 9),
    "the last argument": (NET.replace(", bias=False", ", ..."), 2),
    "a sign of its own": (NET.replace("    (1): Linear", "    \u22ee\n    (1): L"), 14),
    "with words": (NET.replace("    (1): L", "    ... (12 more)\n    (1): L"), 14),
}


@pytest.mark.parametrize("name", SHORTENED)
def test_a_shortened_tree_is_refused_where_it_is_short(name: str) -> None:
    text, line = SHORTENED[name]
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "printout-shortened"
    assert diagnostic.place is not None
    assert diagnostic.place.line == line


FOREIGN = {
    "source code": "import torch\n\nclass Net(nn.Module):\n    pass\n",
    "a dump of an ONNX graph": 'ir_version: 7\ngraph {\n  node { op_type: "Conv" }\n}',
    "a graph of TorchScript": "graph(%self : __torch__.Net,\n      %x.1 : Tensor):\n",
    "a list of a state_dict's keys": "odict_keys(['conv1.weight', 'conv1.bias'])",
    "a table of torchinfo": "Net        [1, 2]   --\n\u251c\u2500Conv2d: 1-1   [1, 8]  216\n",
    "a summary of Keras": "Layer (type)     Output Shape      Param #\n======\n"
    "conv2d (Conv2D)    (None, 26, 26, 32)    320\n",
    "a table of Lightning": "\u2503   \u2503 Name  \u2503 Type \u2503 Params \u2503\n",
    "a spec": "medt-gen: 1\nextends: medt\n",
}


@pytest.mark.parametrize("form", FOREIGN)
def test_a_text_of_another_form_is_named(form: str) -> None:
    with pytest.raises(InvalidInput, match=form) as caught:
        find(FOREIGN[form])
    assert caught.value.diagnostics[0].code == "printout-other"


def test_single_layers_are_found_or_named() -> None:
    first, second = find("We add\nDropout(p=0.1, inplace=False)\nand\n* ReLU()\n")
    assert (first.tree.type, second.tree.type) == ("Dropout", "ReLU")
    with pytest.raises(InvalidInput, match=r"the first is `Dropout\(p=0.1\)`"):
        find("We put Dropout(p=0.1) in there.")


@pytest.mark.parametrize(
    "change", CHANGES, ids=lambda item: f"{item.classes[0]}-{item.since}"
)
def test_what_two_versions_print_is_equal(change) -> None:
    for kind in change.classes:
        old, new = (
            parse(f"A(\n  (m): {kind}({t})\n)") for t in (change.old, change.new)
        )
        assert compare(old, new) == []
        untold = {item.argument for item in untold_arguments(old, new)}
        assert untold == set(change.untold)
        if not change.untold:
            assert comparable(kind, (change.old,)) == comparable(kind, (change.new,))


def test_an_argument_that_only_some_rows_lack_is_a_difference() -> None:
    row = "Linear(in_features=2, out_features=3{})"
    whole = "A(\n  (a): {}\n  (b): {}\n)"
    told = parse(whole.format(row.format(", bias=True"), row.format(", bias=True")))
    some = parse(whole.format(row.format(""), row.format(", bias=True")))
    (difference,) = compare(some, told)
    assert (difference.path, difference.attribute) == ("a", "bias")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x=[3, 3, 3]", "x=(3, 3, 3)"),
        ("torch.Size([8])", "(8,)"),
        ("x=(1.0, 2)", "x=(1, 2.0)"),
        ("w=T(3, device=cuda:0)", "w=T(3)"),
        ("3, device='cpu'", "3"),
        ("[torch.cuda.FloatTensor of size 3 (GPU 1)]", "[torch.FloatTensor of size 3]"),
        ("[torch.float32 of size 3 (cuda:0)]", "[torch.float32 of size 3]"),
    ],
)
def test_lists_and_devices_are_no_difference_unless_exact(one: str, other: str) -> None:
    left, right = (parse(f"A(\n  (m): Own({text})\n)") for text in (one, other))
    assert compare(left, right) == []
    assert compare(left, right, exact=True) != []


def test_another_number_in_a_list_is_a_difference() -> None:
    left, right = (parse(f"A(\n  (m): Own({x})\n)") for x in ("[3, 3]", "(3, 4)"))
    assert len(compare(left, right)) == 1

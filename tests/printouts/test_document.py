"""Printouts in logs, issues and web pages: found, cleaned and chosen."""

from __future__ import annotations

import html

import pytest

from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import find, parse, pick, render, unwrap, walk
from medt_gen.printouts.attempts import attempt
from tests.printouts.samples import NET, REFERENCE, flatten


def _prefixed(*prefixes: str) -> str:
    lines = NET.split("\n")
    return "\n".join(prefixes[i % len(prefixes)] + line for i, line in enumerate(lines))


FULL_WIDTH = {ord(plain): ord(plain) - 0x21 + 0xFF01 for plain in "():,="}

AROUND = {
    "prompt": f">>> print(model)\n{NET}\n>>> 1 + 1\n2\n",
    "notebook": f"In [3]: model\nOut[3]: {NET}\n",
    "assignment": f"model = {NET}\nprint('done')\n",
    "fence": f"Look:\n```python\n{NET}\n```\nThat was it (all of it).\n",
    "log": f"2026-01-02 10:11:12,345 INFO train.py:12 model: {NET}\n2026-01-02 INFO go",
    "log on every line": _prefixed(
        "[2026-01-02 10:11:12] INFO: ", "[2026-01-02 10:11:59] INFO: "
    ),
    "comment": _prefixed("# "),
    "quotation": "he wrote:\n" + _prefixed("> ") + "\n> and so on\n",
    "list item": "1. this:\n\n" + _prefixed("    ") + "\n\n2. that\n",
    "page": f"<pre>{html.escape(NET)}</pre>",
    "windows": NET.replace("\n", "\r\n") + "\r\n",
    "no-break spaces": NET.replace("  ", "\u00a0\u00a0"),
    "terminal colours": NET.replace("(head)", "\x1b[1;31m(head)\x1b[0m"),
    "byte order mark": "\ufeff" + NET,
    "full width": NET.replace(": ", ":").replace(", ", ",").translate(FULL_WIDTH),
    "other indentation": NET.replace("  ", "\t"),
    "flattened": f"It prints {flatten(NET)} as we see (in short).",
    "flattened with prompt": f">>> print(model)\n{flatten(NET)}\n>>>\n",
    "flattened, full width": flatten(NET).translate(FULL_WIDTH),
    "flattened, escaped": html.escape(flatten(NET)).replace("(", "&#40;"),
}


@pytest.mark.parametrize("text", AROUND.values(), ids=AROUND.keys())
def test_what_stands_around_a_printout_is_no_part_of_it(text: str) -> None:
    (found,) = find(text)
    modules = [(path, node.type) for path, node in walk(found.tree)]
    assert modules == [(path, node.type) for path, node in walk(parse(NET))]


@pytest.mark.parametrize(
    "name", ["prompt", "log", "log on every line", "page", "quotation", "windows"]
)
def test_the_layout_survives_what_stands_around(name: str) -> None:
    assert render(parse(AROUND[name])) == NET


def test_entities_in_values_are_decoded_where_the_page_escaped_them() -> None:
    text = "Net(\n  (f): Lambda(&lt;function f at 0x7f&gt;)\n)"
    assert parse(text).children[0].attributes == ("&lt;function f at 0x7f&gt;",)
    page = f"<pre>{text}</pre>".replace("(f)", "&#40;f)")
    assert parse(page).children[0].attributes == ("<function f at 0x7f>",)


@pytest.mark.parametrize("text", ["ReLU()", ">>> net\nReLU()\n>>> \n", "\nReLU()\n\n"])
def test_a_module_without_rows_is_a_printout_when_alone(text: str) -> None:
    assert parse(text).type == "ReLU"


def test_a_module_of_several_lines_without_rows() -> None:
    text = "Transform(\n    Normalize(mean=[0, 1])\n    Resize(3)\n)"
    assert render(parse(text)) == text
    assert len(parse(text).attributes) == 2


@pytest.mark.parametrize(
    "text", ["", "no printout (here): at all", "print(x)\nfoo(y)\n", "import torch\n"]
)
def test_a_text_without_printout_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no printed module tree"):
        parse(text)


def test_a_place_in_a_damaged_text_is_a_place_in_what_was_given() -> None:
    damaged = "\x1b[31mNet\x1b[0m(\n  (a): ReLU()\n\x1b[31m  (b): Tanh(\x1b[0m\n"
    with pytest.raises(InvalidInput) as caught:
        parse(damaged)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.place.line == 3
    assert diagnostic.place.column > len("\x1b[31m  (b): Tanh")


def _document() -> str:
    other = NET.replace("Net(", "Other(", 1)
    return f"# First\n{NET}\n\n## Second one\ntext\n{flatten(other)}\n\n{NET}\n"


TWO = "A(\n  (x): B(a &lt; b)\n)\n\nA(\n  (y): C()\n)"


def test_more_printouts_rank_higher_and_modules_decide_between_as_many() -> None:
    none, cut_off = attempt("nothing here"), attempt(NET[:-2])
    small, large, two = attempt("A(\n  (x): B()\n)"), attempt(NET), attempt(TWO)
    assert cut_off.fault is not None
    assert none.fault is None
    for by_modules in (False, True):
        ranks = [item.rank(by_modules=by_modules) for item in (none, large, two)]
        assert ranks == sorted(ranks)
        assert len(set(ranks)) == 3
        assert cut_off.rank(by_modules=by_modules) == ranks[0]
    assert small.rank(by_modules=False) == large.rank(by_modules=False)
    assert small.rank(by_modules=True) < large.rank(by_modules=True)


def test_a_text_is_repaired_only_where_that_finds_more_printouts() -> None:
    first, _ = find(TWO)
    assert first.tree.children[0].attributes == ("a &lt; b",)
    _, second = find(TWO.replace("(y): C()", "(y): C()\n  (z)\uff1a D()"))
    assert [row.is_module for row in second.tree.children] == [True, False]


def test_a_row_that_is_coloured_alone_is_a_module() -> None:
    coloured = NET.replace("(act): ReLU(inplace=True)", "\x1b[1m(act): ReLU()\x1b[0m")
    assert "blocks.0-2.act" in [path for path, _ in walk(parse(coloured))]


def test_several_printouts_in_one_text() -> None:
    found = find(_document())
    assert [item.tree.type for item in found] == ["Net", "Other", "Net"]
    assert [item.heading for item in found] == ["First", "Second one", ""]
    assert [item.line for item in found] == [2, 21, 23]
    assert [item.flattened for item in found] == [False, True, False]


def test_one_of_several_is_picked_by_number_or_class() -> None:
    found = find(_document())
    assert pick(found, 2) is found[1]
    assert pick(found, class_name="Other") is found[1]
    assert pick(found[:1]) is found[0]


@pytest.mark.parametrize(
    ("number", "name", "message"),
    [
        (4, None, "there is no printout 4: the text has 3"),
        (0, None, "there is no printout 0"),
        (None, None, "the text has 3 printouts: say which by number"),
        (None, "Net", "the text has 2 printouts of Net"),
        (None, "Othr", "no printout of Othr.*\n.*did you mean `Other`"),
    ],
)
def test_a_choice_that_picks_none_or_several_is_refused(number, name, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        pick(find(_document()), number, name)


def test_the_seed_must_be_told_which() -> None:
    text = (REFERENCE / "seed.txt").read_text(encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"4 printouts.*\n.*2\.2 Med transformer"):
        parse(text)


def _wrapped(outer: str, name: str) -> str:
    inner = NET.replace("\n", "\n  ")
    return f"{outer}(\n  ({name}): {inner}\n)"


@pytest.mark.parametrize(
    ("outer", "name"),
    [
        ("DataParallel", "module"),
        ("DistributedDataParallel", "module"),
        ("OptimizedModule", "_orig_mod"),
    ],
)
def test_wrappers_can_be_looked_through(outer: str, name: str) -> None:
    tree = parse(_wrapped(outer, name))
    assert tree.type == outer
    assert render(unwrap(tree)) == NET
    twice = f"Model(\n  (net): {_wrapped(outer, name)}\n)".replace("\n", "\n")
    paths = [path for path, _ in walk(unwrap(parse(flatten(twice))))]
    assert "net.stem" in paths


def test_a_module_that_only_looks_like_a_wrapper_stays() -> None:
    text = "DataParallel(\n  (module): ReLU()\n  (other): ReLU()\n)"
    assert render(unwrap(parse(text))) == text

"""The layers' own text: what is copied of it, in which order, with which imports."""

import ast

import pytest

from medt_gen.emitter.inline import (
    Import,
    import_lines,
    layer_texts,
    names_in,
    needed,
)


def imported(*items):
    return import_lines(Import(*item) for item in items)


def test_imports_come_in_three_groups_each_in_order():
    assert imported(
        ("medt_gen.layers.patches", "over_patches", "over_patches"),
        ("torch", "nn", "nn"),
        ("torch.nn", "functional", "F"),
        ("torch", "", "torch"),
        ("math", "", "math"),
        ("typing", "NamedTuple", "NamedTuple"),
        ("collections", "OrderedDict", "OrderedDict"),
        ("torch", "Tensor", "Tensor"),
    ) == (
        "import math\n"
        "from collections import OrderedDict\n"
        "from typing import NamedTuple\n"
        "\n"
        "import torch\n"
        "from torch import Tensor, nn\n"
        "from torch.nn import functional as F\n"
        "\n"
        "from medt_gen.layers.patches import over_patches"
    )


def test_constants_come_first_then_classes_then_the_rest():
    names = ("lower", "Upper", "CONSTANT", "another", "Another", "_private")
    text = imported(*(("torch", name, name) for name in names))
    assert text == (
        "from torch import CONSTANT, Another, Upper, _private, another, lower"
    )


def test_what_is_imported_twice_is_written_once():
    item = ("torch", "nn", "nn")
    assert imported(item, item) == "from torch import nn"
    assert imported() == ""


def test_a_module_may_have_another_name():
    assert imported(("numpy", "", "np")) == "import numpy as np"


def test_every_definition_of_a_layer_is_its_own_text():
    for name, item in layer_texts().definitions.items():
        (node,) = ast.parse(item.whole).body
        assert name in ast.unparse(node)
        (short,) = ast.parse(item.text).body
        assert without_docstrings(node) == without_docstrings(short)
        assert "\0" not in item.text


def without_docstrings(node):
    for item in ast.walk(node):
        if isinstance(item, ast.ClassDef | ast.FunctionDef):
            first = item.body[0]
            if ast.get_docstring(item) is not None:
                item.body.remove(first)
    return ast.dump(node)


def docstrings(text):
    nodes = [
        item
        for item in ast.walk(ast.parse(text))
        if isinstance(item, ast.ClassDef | ast.FunctionDef)
    ]
    return {node.name: ast.get_docstring(node) for node in nodes}


def test_docstrings_are_cut_to_their_first_paragraph():
    cut = 0
    for item in layer_texts().definitions.values():
        short, whole = docstrings(item.text), docstrings(item.whole)
        assert short.keys() == whole.keys()
        for name, text in whole.items():
            assert short[name] == (text and text.split("\n\n")[0])
            cut += short[name] != text
    assert cut > 3


def test_a_definition_has_the_comments_and_decorators_above_it():
    definitions = layer_texts().definitions
    assert definitions["take_steps"].text.startswith("@torch.no_grad()\ndef take_steps")
    assert definitions["take_steps"].module == "medt_gen.layers.batch_norm"
    for name, item in definitions.items():
        assert item.name == name
        assert item.text.startswith(("class ", "def ", "@", "#", f"{name} = ")), name


def test_imports_of_the_layers_are_known_by_the_name_that_they_give():
    imports = layer_texts().imports
    assert imports["F"] == Import("torch.nn", "functional", "F")
    assert imports["math"] == Import("math", "", "math")
    assert imports["Iterable"] == Import("collections.abc", "Iterable", "Iterable")
    assert not any("medt_gen" in item.module for item in imports.values())


def test_names_are_told_in_order_of_appearance_and_once():
    assert names_in(ast.parse("b(a, c.d)\nb = e")) == ["b", "a", "c", "e"]


@pytest.mark.parametrize(
    "names",
    [
        ["over_patches"],
        ["FastAxialAttention_dynamic", "with_patch_norms"],
        ["PatchBatchNorm2d"],
        [*layer_texts().definitions],
    ],
)
def test_what_a_layer_needs_is_there_and_what_defines_it_before_it(names):
    found = needed(names)
    order = [item.name for item in found]
    assert len(order) == len({*order})
    assert {*names} <= {*order}
    known = layer_texts().definitions
    for position, item in enumerate(found):
        for name in item.at_definition:
            if name in known and name != item.name:
                assert name in order[:position], (item.name, name)
        assert {name for name in item.names if name in known} <= {*order}


def test_what_is_only_called_comes_behind():
    order = [item.name for item in needed(["FastAxialAttention"])]
    assert order.index("FastAxialAttention") < order.index("attend_lines")
    assert order.index("AxialAttention") < order.index("FastAxialAttention")
    assert order.index("attend_lines") < order.index("unnormalised_weights")


def test_names_that_no_layer_has_need_nothing():
    assert needed(["torch", "nowhere"]) == []
    assert needed([]) == []

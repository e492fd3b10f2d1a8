"""What the entries of the catalog promise beside shapes: traits, and that all ask them."""

from __future__ import annotations

import ast

import pytest
import torch
from support import ROOT

import medt_gen
from catalog.layer_cases import LAYER_CASES
from catalog.measured import CHANNELS, INPUTS, SIZES, layer_text
from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.arguments import terms

PACKAGE = ROOT / "medt_gen"
# Where layers are described, where their torch code is, and where one known family of
# networks is read back; and where images are cropped, padded and scaled.
NAMING = {"catalog", "layers", "importer", "images", "predicting", "training"}
BEHIND_SPACE = [
    pytest.param(name, case, given, id=f"{name}-{number}-{given}")
    for name, cases in LAYER_CASES.items()
    for number, case in enumerate(cases)
    for given in sorted(case.takes & SIZES.keys())
    # Along the batch itself a function couples images whatever it is.
    if (case.arguments.get("dim") != -5)
]


def in_training(model, images):
    """The first result of a batch, with the random draws of a fixed seed."""
    torch.manual_seed(0)
    with torch.no_grad():
        return model.train()(images)[0]


@pytest.mark.parametrize(("name", "case", "given"), BEHIND_SPACE)
def test_a_layer_says_whether_it_normalises_by_the_batch(name, case, given):
    value = INPUTS[given]
    spec = medt_gen.load(text=layer_text(name, case.arguments, value))
    model = medt_gen.build(spec)
    images, others = torch.rand(2, 2, CHANNELS, *value.size)
    others[0] = images[0]
    coupled = not torch.equal(in_training(model, images), in_training(model, others))
    layer = spec.network.root.module("layer").body
    assert coupled is layer.layer.normalises(layer.values)


def test_a_layer_of_parts_is_read_back_from_them():
    for layer in LAYERS.values():
        sizes = {"channels": 12, "heads": 2, "embed_dim": 12, "num_heads": 2}
        given = {k: v for k, v in sizes.items() if k in layer.names}
        parts = layer.parts(layer.filled(terms(given)), 2) if given else ()
        assert bool(parts) is (layer.whole is not None)


def test_entries_are_found_by_their_own_names():
    for known in (LAYERS, OPERATIONS):
        assert all(name == entry.name for name, entry in known.items())


def strings(path):
    """The texts in a file's code that are no docstrings, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def test_no_room_but_the_catalog_names_a_layer():
    """They ask the entry; how versions print a class is data about any class."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in NAMING
        and path.name != "versions.py"
        for text, line in strings(path)
        if text in LAYERS or text in OPERATIONS
    ]
    assert not found

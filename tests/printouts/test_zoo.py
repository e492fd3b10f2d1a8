"""A fixed sample of public models' printouts, kept with their paths and classes.

`tools/printout_zoo` made it, and tries all models of five libraries.
"""

from __future__ import annotations

import json
import lzma
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest

from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import Node, compare, parse, render, walk
from tests.printouts.samples import flatten
from tools.printout_zoo.imports import ImportResult, imported, shares

SAMPLE = Path(__file__).parent / "zoo" / "printouts.jsonl.xz"
LIBRARIES = [
    "monai",
    "segmentation-models-pytorch",
    "timm",
    "torchvision",
    "transformers",
]


@lru_cache
def _sample() -> list[dict]:
    with lzma.open(SAMPLE, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _pairs(tree: Node) -> list[list[str]]:
    return [[path, node.type] for path, node in walk(tree, expand=True)]


def _visible(pairs: list[list[str]], overridden: list[str]) -> list[list[str]]:
    """Without modules that print themselves in their own way, and what is in them."""
    hidden = tuple(f"{path}." for path in overridden)
    return [pair for pair in pairs if not f"{pair[0]}.".startswith(hidden)]


def _values(tree: Node) -> dict[str, str]:
    return {
        path: node.attributes[0].strip()
        for path, node in walk(tree)
        if len(node.attributes) == 1
    }


def test_the_sample_has_all_libraries_and_is_large_enough() -> None:
    assert len(_sample()) >= 200
    assert sorted({item["library"] for item in _sample()}) == LIBRARIES


@pytest.mark.parametrize("library", LIBRARIES)
def test_intact_printouts_are_kept(library: str) -> None:
    for item in _sample():
        if item["library"] == library:
            tree = parse(item["text"], item["model"])
            assert render(tree) == item["text"], item["model"]
            overridden = item["overridden"]
            expected = _visible(item["pairs"], overridden)
            assert _visible(_pairs(tree), overridden) == expected, item["model"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_flattened_printouts_are_kept_or_refused(library: str) -> None:
    refused = []
    for item in _sample():
        if item["library"] == library:
            tree = parse(item["text"])
            try:
                flat = parse(flatten(item["text"]), item["model"])
            except InvalidInput as error:
                refused.append(item["model"])
                assert "printout-ambiguous" in str(error), item["model"]
                continue
            assert _visible(_pairs(flat), item["overridden"]) == _visible(
                _pairs(tree), item["overridden"]
            ), item["model"]
            assert _values(tree).items() <= _values(flat).items(), item["model"]
    assert len(refused) <= 2, refused


# --- read back as specs -----------------------------------------------------------------

LEAST = {
    "monai": 1.0,
    "segmentation-models-pytorch": 1.0,
    "timm": 0.98,
    "torchvision": 1.0,
    "transformers": 1.0,
    "all": 0.99,
}
"""What share of the image models leaves nothing open: no less than it was."""


def _imports(items: list[dict]) -> list[ImportResult]:
    found = [imported(item) for item in items]
    assert [(x.library, x.model, x.refused) for x in found if x.refused] == []
    return found


def test_some_of_the_sample_are_read_back_and_print_the_same() -> None:
    _imports(_sample()[::13])


@pytest.mark.slow
def test_all_of_the_sample_are_read_back_and_little_is_left_open() -> None:
    known = shares(_imports(_sample()))
    assert sorted(known) == sorted(LEAST)
    for name, (closed, whole) in known.items():
        assert closed >= LEAST[name] * whole, (name, closed, whole)


def test_neighbours_in_the_sample_can_be_compared() -> None:
    trees = [parse(item["text"]) for item in _sample()[::6]]
    for left, right in pairwise(trees):
        forth, back = compare(left, right), compare(right, left)
        assert bool(forth) == bool(back)
        assert compare(left, left, exact=True) == []

"""Events to nodes: what is repaired, repeated and refused on the way."""

from __future__ import annotations

import pytest

from medt_gen.messages.diagnostics import InvalidInput, Source
from medt_gen.messages.problems import Problems
from medt_gen.spec.cut_pipes import without_pieces
from medt_gen.spec.nodes import MappingNode, node_data
from medt_gen.spec.yaml_events import parse_value
from medt_gen.spec.yaml_mappings import Pair


def parsed(text: str) -> object:
    return node_data(parse_value(Source("<text>", text)))


def refused(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        parsed(text)
    return [item.code for item in caught.value.diagnostics]


def pairs_of(text: str) -> list[Pair]:
    node = parse_value(Source("<text>", text))
    assert isinstance(node, MappingNode)
    keys = [parse_value(Source("<text>", name)) for name in node.items]
    return [Pair(*both) for both in zip(keys, node.items.values(), strict=True)]


CUT = {
    "two arguments": "{out: x | add(a, b)}",
    "three arguments": "{out: x | add(a, b, c)}",
    "two pipes": "{one: x | add(a, b), two: x | add(a, b)}",
    "a call in a call": "{out: x | pool((2, 2), (1, 1)) | relu}",
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
def test_a_pipe_that_commas_cut_is_one_mistake(text):
    """One for each pipe, whatever number of pieces it falls into."""
    assert refused(text) == ["yaml-syntax"] * text.count(": ")


WHOLE = {
    "quoted": "{out: 'x | add(a, b)', other: 1}",
    "a call that is closed": "{out: x | relu(), other: }",
    "a list": "{out: [1, 2], other: }",
    "no comma inside": "{out: x | add(a), b: }",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_what_is_whole_is_left_alone(text):
    assert len(parsed(text)) == 2


def test_pieces_are_dropped_and_what_follows_is_kept():
    problems = Problems()
    cut = pairs_of("{out: x | add(a}") + pairs_of("b): ") + pairs_of("next: 3")
    kept = without_pieces(cut, problems)
    assert [node_data(pair.key) for pair in kept] == ["out", "next"]
    assert len(problems.errors) == 1


def test_a_line_of_its_own_is_never_a_piece():
    """Outside of `{...}` a comma ends nothing."""
    assert parsed("out: x | add(a, b)\nother:\n") == {
        "out": "x | add(a, b)",
        "other": None,
    }


def test_an_alias_repeats_a_value_with_all_that_it_holds():
    text = "a: &a {b: &b [1, 2], c: *b}\nd: *a\ne: *b\n"
    inner = {"b": [1, 2], "c": [1, 2]}
    assert parsed(text) == {"a": inner, "d": inner, "e": [1, 2]}


def test_the_later_anchor_of_a_name_is_the_one_that_is_meant():
    assert parsed("[&a 1, &a 2, *a]") == [1, 2, 2]


def test_a_value_that_is_still_open_has_no_anchor():
    assert refused("a: &a [1, *a]") == ["unknown-alias"]


def test_all_wrong_keys_are_named_and_the_rest_is_read():
    assert refused("1: a\nb: 1\nb: 2\n[c]: d\n") == [
        "key-not-a-string",
        "duplicate-key",
        "key-not-a-string",
    ]

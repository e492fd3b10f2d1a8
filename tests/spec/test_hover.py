"""An editor shows what every key, type and argument is, from the entries themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, PARAMETER, SAYS, STAGE
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.schema import spec_schema
from medt_gen.spec.schema_types import type_names
from medt_gen.spec.shipped import block_names


@cache
def schema() -> dict[str, Any]:
    return spec_schema()


def parts(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All that is said of a value, by its path; conditions show nothing."""
    if isinstance(part, list):
        for index, item in enumerate(part):
            yield from parts(item, f"{path}/{index}")
    elif isinstance(part, dict):
        yield path, part
        for word, item in part.items():
            if word not in ("if", "not", "default", "enum", "const"):
                yield from parts(item, f"{path}/{word}")


def properties() -> dict[str, dict[str, Any]]:
    """Every key that the schema names anywhere, with what is said of it."""
    return {
        f"{path}/properties/{name}": item
        for path, part in parts(schema())
        if not path.endswith(("/properties", "/$defs"))
        for name, item in part.get("properties", {}).items()
    }


def test_every_property_has_a_description():
    found = properties()
    assert len(found) > 300
    assert [path for path, item in found.items() if not said(referred(item))] == []


def referred(item: Any) -> Any:
    """What an argument is that is said to be another one's: editors follow it."""
    target = item.get("$ref", "") if isinstance(item, dict) else ""
    if "/properties/" not in target:
        return item
    _, _, kind, _, name = target.split("/")
    return schema()["$defs"][kind]["properties"][name]


def said(item: Any) -> str:
    return item.get("description", "").strip() if isinstance(item, dict) else ""


@pytest.mark.parametrize("name", type_names())
def test_every_type_has_a_description_where_it_is_named_and_where_it_is_used(name):
    named = {
        item.get("const"): said(item) for item in schema()["$defs"]["type"]["anyOf"]
    }
    used = said(schema()["$defs"][f"type.{name}"])
    assert named[name] == used
    assert used.endswith(".") and ". " not in used and "\n" not in used
    assert len(used) > 20


def test_every_type_says_something_of_its_own():
    texts = [said(schema()["$defs"][f"type.{name}"]) for name in type_names()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", LAYERS)
def test_every_argument_says_its_name_its_kind_and_what_holds_without_it(name):
    shown = schema()["$defs"][f"type.{name}"]["properties"]
    together = {item.within[0] for item in LAYERS[name].arguments if item.within}
    assert set(shown) - set(LAYERS[name].names) == together
    for argument in LAYERS[name].arguments:
        text = said(shown[argument.name])
        assert text.startswith(f"`{argument.name}`: {argument.kind.words}; ")
        assert ("inferred" in text) is argument.inferred
        assert ("it has to be given" in text) is argument.required
        assert ("default" in shown[argument.name]) is argument.optional


@pytest.mark.parametrize("name", block_names())
def test_every_parameter_of_a_shipped_block_is_described(name):
    shown = schema()["$defs"][f"type.{name}"]["properties"]
    assert shown.keys() == {"in_channels", *shipped_block(name).parameters}
    assert all(map(said, shown.values()))


def test_containers_are_described_beside_the_layers():
    assert SAYS.keys() == {*CONTAINERS, STAGE, PARAMETER}


def test_what_an_expression_is_does_not_hide_what_the_argument_is():
    """Of the descriptions that fit a value an editor shows the innermost."""
    assert not said(schema()["$defs"]["expression"])

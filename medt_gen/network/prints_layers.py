"""The rows of a layer of the catalog: as they are printed, and back."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from medt_gen.algebra.terms import Datum, from_data
from medt_gen.catalog.arguments import Argument, Values, terms
from medt_gen.catalog.entries import LayerType, Part, Whole
from medt_gen.catalog.forms import Field, Show
from medt_gen.catalog.kinds import accepts
from medt_gen.catalog.layers import LAYERS, PRINTED_LAYERS
from medt_gen.printouts.attributes import (
    comparable,
    comparable_type,
    values,
    without_size,
)
from medt_gen.printouts.tree import Node

Arguments = dict[str, Datum]


class NotInCatalog(ValueError):
    """A printed layer that no spec can say; the message gives the reason."""


def layer_node(
    name: str, type_name: str, given: Mapping[str, Datum], rank: int = 2
) -> Node:
    """The row of a layer with these arguments, and the rows below it."""
    layer = LAYERS[type_name]
    return layer_row(name, layer, layer.filled(terms(given)), rank)


def layer_row(name: str, layer: LayerType, arguments: Values, rank: int) -> Node:
    """The row of a layer for an input of `rank` axes, and the rows below it."""
    text = layer.text(arguments)
    rows = (
        layer_row(part.name, part.layer, part.values, rank)
        for part in layer.parts(arguments, rank)
    )
    return Node(name, layer.name, (text,) if text else (), tuple(rows))


def read_arguments(type_name: str, lines: tuple[str, ...]) -> Arguments:
    """The arguments of a printed layer of one row, those at their defaults left out.

    Raises NotInCatalog where the catalog has no such layer, or no such argument.
    """
    layer = LAYERS.get(type_name)
    if layer is None or layer.whole is not None:
        raise NotInCatalog(f"the catalog has no layer `{type_name}`")
    return read_text(layer, lines)


def read_values(node: Node) -> Values:
    """All arguments of a printed layer of one row; raises NotInCatalog."""
    given = read_arguments(node.type, node.attributes)
    return LAYERS[node.type].filled(terms(given))


def read_parts(node: Node) -> Whole:
    """What the rows below a printed layer tell of it.

    Raises NotInCatalog where they are not those of such a layer: whoever renders
    `layer_node` of the result must get the same rows.
    """
    layer = LAYERS.get(node.type)
    parts = {child.name: _read_part(child) for child in node.children}
    found = layer.whole(parts) if layer and layer.whole else None
    if found is None:
        raise NotInCatalog(f"these are not the rows of an `{node.type}`")
    return found


def _read_part(node: Node) -> Part:
    layer = PRINTED_LAYERS.get(comparable_type(node.type))
    if layer is None:
        raise NotInCatalog(f"the catalog has no layer `{node.type}`")
    given = read_text(layer, node.attributes)
    return Part(node.name, layer, layer.filled(terms(given)))


def read_text(layer: LayerType, lines: tuple[str, ...]) -> Arguments:
    """What is printed between a layer's parentheses, as arguments.

    Raises NotInCatalog for what the layer can't be told.
    """
    found: Arguments = {}
    # Only the second drops what torch versions print differently.
    kept = {name for name, _ in comparable(layer.name, lines)}
    fixed = {field.argument: field.fixed for field in layer.prints if field.fixed}
    for name, text in values(layer.name, lines):
        if name not in kept and name not in layer.names:
            continue
        if name in fixed and _value(text) == fixed[name]:
            continue
        found[_known(layer, name, text)] = _value(text)
    return _written(layer, _simplified(found, layer))


def _known(layer: LayerType, name: str, text: str) -> str:
    if name in layer.names:
        return name
    if name == "[0]" and text == "inplace" and "inplace" in layer.names:
        return "inplace"
    shown = text if name.startswith("[") else f"{name}={text}"
    raise NotInCatalog(f"the catalog's `{layer.name}` can't be told `{shown}`")


def _value(text: str) -> Datum:
    if text == "inplace":
        return True
    try:
        value = ast.literal_eval(without_size(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    if isinstance(value, tuple | list):
        return list(value)
    return value if isinstance(value, int | float | str | None) else text


def _simplified(found: Arguments, layer: LayerType) -> Arguments:
    """Tuples that the constructor makes of a single value, as that value."""
    fields = {field.argument: field for field in layer.prints}
    simple = {name: _single(value, fields.get(name)) for name, value in found.items()}
    for field in layer.prints:
        stand_in = field.instead
        if stand_in and simple.get(field.argument) == simple.get(stand_in):
            simple.pop(field.argument, None)
    return simple


def _single(value: Datum, field: Field | None) -> Datum:
    if field is None:
        return value
    if isinstance(value, list) and len(value) == field.times and _uniform(value):
        return value[0]
    return _whole(value) if field.show is Show.FLOATS else value


def _uniform(items: list[Datum]) -> bool:
    return len({repr(item) for item in items}) == 1


def _whole(value: Datum) -> Datum:
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _written(layer: LayerType, found: Arguments) -> Arguments:
    """In the constructor's order, defaults left out; everything judged."""
    written: Arguments = {}
    for argument in layer.arguments:
        if argument.name not in found:
            if not argument.optional:
                raise NotInCatalog(f"`{argument.name}` is missing")
            continue
        value = found[argument.name]
        _judge(layer, argument, value)
        if not argument.is_default(from_data(value)):
            written[argument.name] = value
    return written


def _judge(layer: LayerType, argument: Argument, value: Datum) -> None:
    if not accepts(argument.kind, value):
        raise NotInCatalog(
            f"`{argument.name}` of the catalog's `{layer.name}` is "
            f"{argument.kind.words}, not {value}"
        )

"""One layer of the catalog: its arguments as printed text, and back."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.catalog.entries import INFERRED, REQUIRED, Argument, LayerType, plain
from medt_gen.catalog.kinds import accepts
from medt_gen.network.prints_forms import FORMS, Field, Show
from medt_gen.printouts.attributes import comparable, values

Arguments = dict[str, Any]


class NotInCatalog(ValueError):
    """A printed layer that no spec can say; the message gives the reason."""


def filled(layer: LayerType, given: Mapping[str, Any]) -> Arguments:
    """All arguments as plain data, defaults filled in."""
    return {
        argument.name: plain(given[argument.name])
        if argument.name in given
        else _default(argument)
        for argument in layer.arguments
    }


def _default(argument: Argument) -> Any:
    if argument.default in (REQUIRED, INFERRED):
        return None
    default = argument.default
    return list(default) if isinstance(default, tuple) else default


def printed_arguments(layer: LayerType, given: Mapping[str, Any]) -> str:
    """What torch prints between the parentheses of a layer with these arguments."""
    everything = filled(layer, given)
    parts = []
    for field in FORMS.get(layer.name, ()):
        if field.argument not in everything:
            continue
        value = everything[field.argument]
        if value is None and field.instead is not None:
            value = everything[field.instead]
        if field.unless is ... or not _left_out(value, field.unless):
            text = _text(value, field.show, axes_of(layer.name))
            parts.append(text if field.bare else f"{field.argument}={text}")
    return ", ".join(parts)


def _left_out(value: Any, unless: Any) -> bool:
    if isinstance(value, list):
        return all(item == unless for item in value)
    return bool(value == unless) and isinstance(value, bool) == isinstance(unless, bool)


def axes_of(name: str) -> int:
    """How many axes of space a layer type is made for; 0 where its name says none."""
    return int(name[-2]) if name[-1:] == "d" and name[-2:-1].isdigit() else 0


def _text(value: Any, show: Show, axes: int) -> str:
    if show is Show.QUOTED or value is None:
        return repr(value)
    if show is Show.FLOATS:
        return _floats(value)
    if show is Show.AXES and not isinstance(value, (list, str)):
        value = [value] * axes
    if show is Show.SHAPE and not isinstance(value, list):
        value = [value] * max(2 * axes, 1)
    return str(tuple(value)) if isinstance(value, list) else str(value)


def _floats(value: Any) -> str:
    if isinstance(value, list):
        return str(tuple(float(item) for item in value))
    return str(float(value))


def read_arguments(type_name: str, lines: tuple[str, ...]) -> Arguments:
    """The arguments of a printed layer, those at their defaults left out.

    Raises NotInCatalog where the catalog has no such layer, or no such argument.
    """
    layer = LAYERS.get(type_name)
    if layer is None or layer.origin != "nn":
        raise NotInCatalog(f"the catalog has no layer `{type_name}`")
    form = {field.argument: field for field in FORMS.get(type_name, ())}
    found: Arguments = {}
    # Only the second drops what torch versions print differently.
    kept = {name for name, _ in comparable(type_name, lines)}
    for name, text in values(type_name, lines):
        if name not in kept and name not in layer.names:
            continue
        found[_known(layer, name, text)] = _value(text)
    return _written(layer, _simplified(found, form, axes_of(type_name)))


def _known(layer: LayerType, name: str, text: str) -> str:
    if name in layer.names:
        return name
    if name == "[0]" and text == "inplace" and "inplace" in layer.names:
        return "inplace"
    if name == "[0]" and "padding" in layer.names:
        return "padding"
    shown = text if name.startswith("[") else f"{name}={text}"
    raise NotInCatalog(f"the catalog's `{layer.name}` can't be told `{shown}`")


def _value(text: str) -> Any:
    if text == "inplace":
        return True
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return list(value) if isinstance(value, tuple) else value


def _simplified(found: Arguments, form: dict[str, Field], axes: int) -> Arguments:
    """Tuples that the constructor makes of a single value, as that value."""
    simple: Arguments = {}
    for name, value in found.items():
        show = form[name].show if name in form else Show.PLAIN
        if isinstance(value, list) and _uniform(value, show, axes):
            simple[name] = value[0]
        else:
            simple[name] = _whole(value) if show is Show.FLOATS else value
    for field in form.values():
        stand_in = field.instead
        if stand_in and simple.get(field.argument) == simple.get(stand_in):
            simple.pop(field.argument, None)
    return simple


def _uniform(value: list[Any], show: Show, axes: int) -> bool:
    sizes = {Show.AXES: axes, Show.SHAPE: max(2 * axes, 1)}
    return len(value) == sizes.get(show) and len({repr(item) for item in value}) == 1


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _written(layer: LayerType, found: Arguments) -> Arguments:
    """In the constructor's order, defaults left out; everything judged."""
    written: Arguments = {}
    for argument in layer.arguments:
        if argument.name not in found:
            if argument.default in (REQUIRED, INFERRED):
                raise NotInCatalog(f"`{argument.name}` is missing")
            continue
        value = found[argument.name]
        if not accepts(argument.kind, value):
            raise NotInCatalog(
                f"`{argument.name}` of the catalog's `{layer.name}` is "
                f"{argument.kind.words}, not {value}"
            )
        if not _is_default(argument, value):
            written[argument.name] = value
    return written


def _is_default(argument: Argument, value: Any) -> bool:
    if argument.default in (REQUIRED, INFERRED):
        return False
    default = _default(argument)
    # 1 == True, and torch prints them differently.
    return bool(value == default) and isinstance(value, bool) == isinstance(
        default, bool
    )

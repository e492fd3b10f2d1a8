"""Modules that can only be printed, in the JSON Schema: open ones, classes of others.

A block of the spec's own may have the name of a class of another library: such types
are judged where no blocks can be meant.
"""

from __future__ import annotations

from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.spec.fragments import Schema
from medt_gen.spec.keys import described, properties
from medt_gen.spec.read_modules import CHILDREN, TYPE
from medt_gen.spec.read_open import OPEN_KEYS
from medt_gen.spec.schema_types import argument_schema, is_type, only

_FOREIGN = "foreign."
_HELD = {CHILDREN.name: described(CHILDREN, {})}


def printed_definitions() -> dict[str, Schema]:
    """What an open module may have, and what the classes of each form may."""
    open_module = only({**properties(OPEN_KEYS), **_HELD})
    forms = {f"{_FOREIGN}{form}": _form(names[0]) for form, names in _forms().items()}
    return {
        "open": {"not": {"required": [TYPE.name]}, **open_module},
        "foreign": _foreign(),
        "whole.foreign": {"allOf": [{"$ref": "#/$defs/foreign"}, *_whole_foreign()]},
        **forms,
    }


def foreign(*, whole: bool) -> Schema:
    """The classes of other libraries by what they take; `whole` ones have all of it."""
    return {"$ref": f"#/$defs/{'whole.' if whole else ''}foreign"}


def _foreign() -> Schema:
    cases = [
        {"if": is_type(*names), "then": {"$ref": f"#/$defs/{_FOREIGN}{form}"}}
        for form, names in _forms().items()
    ]
    return {"if": is_type(*FOREIGN), "then": {"allOf": cases}}


def _whole_foreign() -> list[Schema]:
    return [
        {"if": is_type(*names), "then": {"required": _needed(FOREIGN[names[0]])}}
        for names in _forms().values()
        if _needed(FOREIGN[names[0]])
    ]


def needy_foreign() -> list[str]:
    """Those that a type alone can't be: they need arguments."""
    return [name for name, layer in FOREIGN.items() if _needed(layer)]


def _forms() -> dict[str, list[str]]:
    """The classes that take the same, by the layer that they are like, or the first."""
    forms: dict[str, list[str]] = {}
    keys: dict[tuple[object, ...], str] = {}
    for name, layer in FOREIGN.items():
        key = (layer.arguments, layer.keeps_text)
        form = keys.setdefault(key, layer.like or name)
        forms.setdefault(form, []).append(name)
    return forms


def _needed(layer: LayerType) -> list[str]:
    return [item.name for item in layer.arguments if not item.optional]


def _form(name: str) -> Schema:
    layer = FOREIGN[name]
    text = properties(OPEN_KEYS) if layer.keeps_text else {}
    given = {item.name: _argument(layer, item.name) for item in layer.arguments}
    return only({**given, **text, **_HELD})


def _argument(layer: LayerType, name: str) -> Schema:
    """An argument as the layer has it that this prints like."""
    if layer.like is not None:
        return {"$ref": f"#/$defs/type.{layer.like}/properties/{name}"}
    return argument_schema(layer.argument(name))

"""What is known of the modules of a spec: arguments and their origin, lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from medt_gen.algebra.terms import (
    ArgumentValue,
    Term,
    as_data,
    constant,
    whole_expression,
)
from medt_gen.emitter.line_map import LineRange, ModuleLines
from medt_gen.explorer.records import ArgumentFact, Lines, ModuleFacts, PageText
from medt_gen.network.records import Group, Instance, Leaf, Module, Network, Use
from medt_gen.paths.keys import join
from medt_gen.showing.callers import callers
from medt_gen.showing.inferred import spec_value

_NO_LINES: Mapping[str, ModuleLines] = {}


@dataclass
class Texts:
    """The texts that declare modules, each once."""

    found: dict[str, PageText] = field(default_factory=dict)

    def number(self, name: str, text: str) -> int:
        """The number of a text."""
        self.found.setdefault(name, PageText(name, text))
        return list(self.found).index(name)


def module_facts(
    network: Network, texts: Texts, lines: Mapping[str, ModuleLines] = _NO_LINES
) -> dict[str, ModuleFacts]:
    """The facts of every module, by its path; their texts are added to `texts`."""
    return dict(_of_instance(network.root, "", texts, lines))


def _of_instance(
    instance: Instance, path: str, texts: Texts, lines: Mapping[str, ModuleLines]
) -> Iterator[tuple[str, ModuleFacts]]:
    before = callers(instance)
    for module in instance.modules:
        yield from _of_module(module, join(path, module.name), before, texts, lines)


def _of_module(
    module: Module,
    path: str,
    before: Mapping[str, str],
    texts: Texts,
    lines: Mapping[str, ModuleLines],
) -> Iterator[tuple[str, ModuleFacts]]:
    body = module.body
    if body is None:
        return
    caller = before.get(module.declaration.label, "")
    place = module.declaration.place
    written = lines.get(path)
    yield (
        path,
        ModuleFacts(
            tuple(_arguments(module, caller)),
            (texts.number(place.source.name, place.source.text), place.line),
            _range(written.made) if written else None,
            tuple(_range(call) for call in written.calls) if written else (),
            _range(written.own) if written and written.own else None,
        ),
    )
    if isinstance(body, Use):
        yield from _of_instance(body.instance, path, texts, lines)
    elif isinstance(body, Group):
        for child in body.children:
            yield from _of_module(child, join(path, child.name), before, texts, lines)


def _range(lines: LineRange) -> Lines:
    return (lines.first, lines.last)


def _arguments(module: Module, caller: str) -> Iterator[ArgumentFact]:
    body = module.body
    if isinstance(body, Leaf):
        values, given = body.values.given, body.arguments
    elif isinstance(body, Use):
        values, given = _terms(body.instance.arguments), _terms(body.arguments)
    else:
        return
    if isinstance(body, Leaf):
        optional = {item.name for item in body.layer.arguments if item.optional}
    else:
        optional = set(body.instance.declaration.parameters)
    written = module.declaration.arguments
    for name, value in values.items():
        text = str(as_data(value))
        if name not in given and name in optional:
            yield ArgumentFact(name, text, "default", "the default")
        elif name not in given or (isinstance(body, Leaf) and name not in written):
            words = f"from {caller}" if caller else "from what it is called with"
            yield ArgumentFact(name, text, "inferred", words)
        else:
            yield ArgumentFact(name, text, "given", _written(given[name], text))


def _terms(values: Mapping[str, Any]) -> dict[str, ArgumentValue]:
    """Arguments of a block, which may be names of types, as terms."""
    return {
        name: value if isinstance(value, Term | tuple) else constant(str(value))
        for name, value in values.items()
    }


def _written(value: ArgumentValue, text: str) -> str:
    """How a value is written in the spec, where that says more than itself."""
    expression = whole_expression(value)
    written = "" if expression is None else str(spec_value(expression))
    return written if written != text else ""

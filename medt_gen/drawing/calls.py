"""The calls of a flow: what a pipe does, one thing after the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from medt_gen.algebra.terms import ArgumentValue, as_data
from medt_gen.drawing.families import module_family
from medt_gen.drawing.records import Family, Numbers
from medt_gen.network.records import FlowStep, Group, Leaf, Module, Use
from medt_gen.spec.pipes import OperationCall, Pipe, named_values

WEIGHTY: frozenset[Family] = frozenset(("attention", "convolution", "linear", "other"))
"""What a person would name when asked what a part of a network does."""


@dataclass(frozen=True)
class Call:
    """A module or an operation that a pipe goes through.

    path: of the module, "" of an operation; `members` are all that it stands for.
    reads: the names of the values that it takes beside the piped one.
    """

    title: str
    detail: str
    family: Family
    before: Numbers
    after: Numbers
    module: Module | None = None
    path: str = ""
    reads: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    count: int = 1

    @property
    def holds_others(self) -> bool:
        """Whether it has boxes of its own inside."""
        return self.module is not None and isinstance(self.module.body, Use | Group)

    @property
    def is_whole(self) -> bool:
        """Whether it is a box of its own in a network's flow, and in no chain."""
        body = self.module.body if self.module else None
        has_parts = isinstance(body, Leaf) and bool(body.layer.parts(body.values, 2))
        return self.holds_others or has_parts

    @property
    def blocks(self) -> tuple[str, ...]:
        """The classes of the blocks that it uses, those in containers, too."""
        return tuple(dict.fromkeys(_blocks(self.module))) if self.module else ()

    @property
    def label(self) -> str:
        """Its name; of equal ones in a row the first and the last, and how many."""
        if self.count == 1:
            return self.title
        first, last = self.members[0], self.members[-1]
        named = first if first == last else f"{first} to {last}"
        return f"{named}, {self.count} times"

    @property
    def weighty(self) -> bool:
        """Whether it is a layer that is worth its name in a chain's label."""
        return self.module is not None and self.family in WEIGHTY


def calls_of(step: FlowStep) -> tuple[Call, ...]:
    """The calls of a pipe, equal ones in a row as one; what does not exist left out."""
    assert isinstance(step.body, Pipe)
    rows = zip(
        step.body.steps, step.modules, step.shapes, step.shapes[1:], strict=False
    )
    calls = []
    for item, module, before, after in rows:
        if isinstance(item, OperationCall):
            calls.append(_operation(item, before.numbers, after.numbers))
        elif module is not None and module.body is not None:
            reads = tuple(name.text for name in item.others)
            call = module_call(module, item.text, before.numbers, after.numbers)
            calls.append(replace(call, reads=reads))
    return folded(calls)


def container_calls(group: Group) -> tuple[Call, ...]:
    """The calls of what a container holds, equal ones in a row as one."""
    calls = []
    for child in group.children:
        if child.body is not None and child.shapes is not None:
            shapes = child.shapes
            before, after = shapes.before.numbers, shapes.after.numbers
            calls.append(module_call(child, child.name, before, after))
    return folded(calls)


def module_call(module: Module, path: str, before: Numbers, after: Numbers) -> Call:
    """The call of a module, with what it is."""
    return Call(
        path,
        _what_it_is(module),
        module_family(module),
        before,
        after,
        module,
        path,
        members=(path,),
    )


def _operation(call: OperationCall, before: Numbers, after: Numbers) -> Call:
    reads = tuple(value.name for value in named_values(call) if value.name)
    resized = len(before) == len(after) and before[1:] != after[1:]
    family: Family = "resizing" if resized else "operation"
    return Call(call.name, "", family, before, after, reads=reads)


def _blocks(module: Module) -> Iterator[str]:
    if isinstance(module.body, Use):
        yield module.type
    elif isinstance(module.body, Group):
        for child in module.body.children:
            yield from _blocks(child)


def _what_it_is(module: Module) -> str:
    """Its class; of a container, what it holds, counted where that is one class."""
    body = module.body
    if not isinstance(body, Group):
        return module.type
    types = [child.type for child in body.children if child.body is not None]
    if types and len(set(types)) == 1:
        return types[0] if len(types) == 1 else f"{len(types)} {types[0]}"
    return module.type


def folded(calls: list[Call]) -> tuple[Call, ...]:
    """Equal calls in a row as one with its count."""
    found: list[Call] = []
    for call in calls:
        last = found[-1] if found else None
        if last is not None and _equal(last, call):
            found[-1] = replace(
                last, count=last.count + 1, members=(*last.members, *call.members)
            )
        else:
            found.append(call)
    return tuple(found)


def _equal(one: Call, other: Call) -> bool:
    if one.module is None or other.module is None or one.reads or other.reads:
        return False
    if one.before != other.before or one.after != other.after:
        return False
    return _identity(one.module) == _identity(other.module)


def _identity(module: Module) -> Hashable:
    """What tells a module from one that computes otherwise, its name left out."""
    body = module.body
    if isinstance(body, Leaf):
        return (body.layer.name, _data(dict(body.arguments)))
    if isinstance(body, Use):
        return (module.type, repr(sorted(map(str, body.instance.arguments.items()))))
    if isinstance(body, Group):
        return (module.type, tuple(_identity(child) for child in body.children))
    return (module.type,)


def _data(arguments: dict[str, ArgumentValue]) -> tuple[tuple[str, str], ...]:
    return tuple((name, repr(as_data(value))) for name, value in arguments.items())

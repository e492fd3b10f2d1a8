"""Where in an emitted file each module is made, and where it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from medt_gen.emitter.classes import ClassText
from medt_gen.emitter.plan import ClassPlan, Plan
from medt_gen.network.records import Group, Instance, Module, Use


@dataclass(frozen=True)
class LineRange:
    """Lines of a file, counted from 1, both ends included."""

    first: int
    last: int


@dataclass(frozen=True)
class ModuleLines:
    """The lines that make a module, and those of each statement that calls it.

    A module in a container has the lines of the container's statements.
    """

    made: LineRange
    calls: tuple[LineRange, ...]


def module_lines(
    source: str, plan: Plan, classes: Sequence[ClassText]
) -> dict[str, ModuleLines]:
    """The lines of every module of the network, by its path."""
    own_lines = {item.name: _lines_in_class(source, item) for item in classes}
    return dict(_of_instance(plan, plan.network, plan.network.instances[0], own_lines))


def _of_instance(
    plan: Plan,
    own: ClassPlan,
    instance: Instance,
    known: Mapping[str, Mapping[str, ModuleLines]],
    path: str = "",
) -> Iterator[tuple[str, ModuleLines]]:
    for module in instance.modules:
        if module.body is not None:
            lines = known[own.python_name][module.name]
            yield from _of_module(plan, module, path + module.name, lines, known)


def _of_module(
    plan: Plan,
    module: Module,
    path: str,
    lines: ModuleLines,
    known: Mapping[str, Mapping[str, ModuleLines]],
) -> Iterator[tuple[str, ModuleLines]]:
    yield path, lines
    body = module.body
    if isinstance(body, Use):
        inner = body.instance
        yield from _of_instance(plan, plan.of(inner), inner, known, f"{path}.")
    elif isinstance(body, Group):
        for child in body.children:
            if child.body is not None:
                at = f"{path}.{child.name}"
                yield from _of_module(plan, child, at, lines, known)


def _lines_in_class(source: str, written: ClassText) -> dict[str, ModuleLines]:
    """The lines of the modules of one class, by their names."""
    start = source.split("\n").index(written.lines[0].text) + 1
    made: dict[str, list[int]] = {}
    calls: dict[str, list[LineRange]] = {}
    for number, line in enumerate(written.lines, start):
        for name in line.makes:
            made.setdefault(name, []).append(number)
        for name in line.calls:
            ranges = calls.setdefault(name, [])
            begin = number if line.begins else ranges.pop().first
            ranges.append(LineRange(begin, number))
    return {
        name: ModuleLines(LineRange(at[0], at[-1]), tuple(calls.get(name, ())))
        for name, at in made.items()
    }

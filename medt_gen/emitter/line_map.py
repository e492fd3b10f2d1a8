"""Where in an emitted file each module is made, and where it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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

    A module in a container has the lines of the container's statements; one whose class
    is in the file has that as its `own`.
    """

    made: LineRange
    calls: tuple[LineRange, ...]
    own: LineRange | None = None


def module_lines(
    starts: Mapping[str, int], plan: Plan, classes: Sequence[ClassText]
) -> dict[str, ModuleLines]:
    """The lines of every module of the network, by its path.

    `starts` has the line in which each class starts, as it was written.
    """
    known = {item.name: _lines_in_class(starts[item.name], item) for item in classes}
    return dict(_of_instance(plan, plan.network, plan.network.instances[0], known))


def _of_instance(
    plan: Plan,
    own: ClassPlan,
    instance: Instance,
    known: Mapping[str, _ClassLines],
    path: str = "",
) -> Iterator[tuple[str, ModuleLines]]:
    for module in instance.modules:
        if module.body is not None:
            lines = known[own.python_name].modules[module.name]
            yield from _of_module(plan, module, path + module.name, lines, known)


def _of_module(
    plan: Plan,
    module: Module,
    path: str,
    lines: ModuleLines,
    known: Mapping[str, _ClassLines],
) -> Iterator[tuple[str, ModuleLines]]:
    body = module.body
    if isinstance(body, Use):
        inner = body.instance
        written = known[plan.of(inner).python_name].whole
        yield path, replace(lines, own=written)
        yield from _of_instance(plan, plan.of(inner), inner, known, f"{path}.")
        return
    yield path, lines
    if isinstance(body, Group):
        for child in body.children:
            if child.body is not None:
                at = f"{path}.{child.name}"
                yield from _of_module(plan, child, at, lines, known)


@dataclass(frozen=True)
class _ClassLines:
    """The lines of a class, and those of its modules by their names."""

    whole: LineRange
    modules: Mapping[str, ModuleLines]


def _lines_in_class(start: int, written: ClassText) -> _ClassLines:
    made: dict[str, list[int]] = {}
    calls: dict[str, list[LineRange]] = {}
    for number, line in enumerate(written.lines, start):
        for name in line.makes:
            made.setdefault(name, []).append(number)
        for name in line.calls:
            ranges = calls.setdefault(name, [])
            begin = number if line.begins else ranges.pop().first
            ranges.append(LineRange(begin, number))
    modules = {
        name: ModuleLines(LineRange(at[0], at[-1]), tuple(calls.get(name, ())))
        for name, at in made.items()
    }
    last = max(n for n, line in enumerate(written.lines, start) if line.text.strip())
    return _ClassLines(LineRange(start, last), modules)

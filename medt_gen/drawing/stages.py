"""Which calls of a network's own flow share a box: a stage each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from medt_gen.drawing.calls import Call
from medt_gen.drawing.families import main_family
from medt_gen.drawing.records import Family, Numbers


@dataclass(frozen=True)
class ChainLabel:
    """What a chain is called, by what counts most in it."""

    key: str
    title: str
    detail: str
    family: Family


def stages_of(calls: Iterable[Call]) -> list[tuple[Call, ...]]:
    """The calls of a pipe in groups, each around what counts in it.

    That is one module that holds others, or layers that count, up to a change of size.
    What is beside it belongs to it: behind it all up to the next that changes the size
    or joins values, which goes with what comes then, as pooling does.
    """
    groups: list[list[Call]] = [[]]
    passing: list[Call] = []
    size: Numbers | None = None
    for call in calls:
        if not (call.is_whole or call.weighty):
            passing.append(call)
            continue
        last = _main(groups[-1])
        if last is None or (
            not call.is_whole and not last.is_whole and call.before[1:] == size
        ):
            groups[-1] += [*passing, call]
            size = call.after[1:] if last is None else size
        else:
            kept = _belonging(passing)
            groups[-1] += passing[:kept]
            groups.append([*passing[kept:], call])
            size = call.after[1:]
        passing = []
    groups[-1] += passing
    return [tuple(group) for group in groups if group]


def _belonging(passing: list[Call]) -> int:
    """How many of what is between two that count goes with the first."""
    for number, call in enumerate(passing):
        if call.reads or call.before != call.after:
            return number
    return len(passing)


def _main(calls: Iterable[Call]) -> Call | None:
    """What counts in a group: the first of it."""
    return next((call for call in calls if call.is_whole or call.weighty), None)


def chain_label(calls: tuple[Call, ...], step: str | None) -> ChainLabel:
    """How a chain is called; `step` is the value that it ends with, if it does."""
    main = _main(calls)
    if main is not None and main.is_whole:
        return ChainLabel(main.title, main.label, main.detail, main.family)
    names = [call.label for call in calls if call.weighty]
    names = names or [call.label for call in calls]
    title = step or names[0]
    detail = ", ".join(name for name in names if name != title)
    family = main_family(call.family for call in calls)
    return ChainLabel(names[0], title, detail, family)

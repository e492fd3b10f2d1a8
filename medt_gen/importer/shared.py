"""Modules that a printout shows twice and that may be one: torch prints both places.

A class that keeps its layers as attributes, and in a Sequential besides, prints every
one of them two times; so does a decoder that keeps the encoder. No printout tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

from medt_gen.catalog import LAYERS
from medt_gen.catalog.arguments import terms
from medt_gen.importer.modules import PrintedModule, WrittenAs, every


@dataclass(frozen=True)
class Twice:
    """A module that is printed again: where, what it repeats, and how much of it.

    `owner` is the class that holds both; `modules` counts what is printed twice.
    """

    path: str
    name: str
    owner: str
    repeats: str
    modules: int


def printed_twice(root: PrintedModule) -> list[Twice]:
    """What may be printed twice, each part of it once."""
    numbers = _numbers(root)
    return list(_below(root, (), numbers))


def _numbers(root: PrintedModule) -> Mapping[PrintedModule, int]:
    """Modules that print the same, but for their names, have the same number."""
    known: dict[Hashable, int] = {}
    found: dict[PrintedModule, int] = {}
    for module in _inner_first(root):
        rows = tuple((child.name, found[child]) for child in module.children)
        own = (module.type, module.text, repr(dict(module.arguments)))
        found[module] = known.setdefault((own, rows), len(known))
    return found


def _inner_first(module: PrintedModule) -> Iterator[PrintedModule]:
    for child in module.children:
        yield from _inner_first(child)
    yield module


def _below(
    owner: PrintedModule,
    around: tuple[PrintedModule, ...],
    numbers: Mapping[PrintedModule, int],
) -> Iterator[Twice]:
    for child in owner.children:
        found = _as_siblings(owner, child, numbers) or _as_before(
            child, (*around, owner), numbers
        )
        if found is not None:
            yield found
        else:
            yield from _below(child, (*around, owner), numbers)


def _as_siblings(
    owner: PrintedModule, child: PrintedModule, numbers: Mapping[PrintedModule, int]
) -> Twice | None:
    """A container all of whose rows are printed beside it as well."""
    if child.written_as is not WrittenAs.CONTAINER or len(child.children) < 2:
        return None
    if owner.written_as is WrittenAs.CONTAINER or not _holds_tensors(child):
        return None
    beside = [item for item in owner.children if item is not child]
    left = Counter(numbers[item] for item in beside)
    inner = Counter(numbers[item] for item in child.children)
    if inner - left:
        return None
    names = [item.name for item in beside if numbers[item] in inner]
    modules = sum(1 for _ in every(child)) - 1
    return Twice(child.path, child.name, owner.type, ", ".join(names), modules)


def _as_before(
    child: PrintedModule,
    around: tuple[PrintedModule, ...],
    numbers: Mapping[PrintedModule, int],
) -> Twice | None:
    """A module that holds others, printed under its name further out as well."""
    if not child.children or not _holds_tensors(child):
        return None
    for outer in around[:-1]:
        for other in outer.children:
            if other.name == child.name and numbers[other] == numbers[child]:
                if other.path == child.path or child.name.isdigit():
                    continue
                modules = sum(1 for _ in every(child))
                return Twice(
                    child.path, child.name, around[-1].type, other.path, modules
                )
    return None


def _holds_tensors(module: PrintedModule) -> bool:
    return any(_has_tensors(item) for item in every(module))


def _has_tensors(module: PrintedModule) -> bool:
    layer = LAYERS.get(module.type)
    if layer is None or module.written_as is not WrittenAs.LEAF or layer.whole:
        return layer is not None and layer.whole is not None
    return bool(layer.holds(layer.filled(terms(module.arguments))))

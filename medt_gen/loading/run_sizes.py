"""Which sizes of images a network takes once it is built: tried out, by arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from medt_gen.catalog.arguments import LENGTH
from medt_gen.loading.largest import fixed_by_size, with_size
from medt_gen.loading.size_hint import Attempts
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.messages.faulty import FAULTY
from medt_gen.messages.problems import Problems
from medt_gen.network.records import Group, Leaf, Module, Network, Use
from medt_gen.resolve.network import resolve_network
from medt_gen.resolve.scope import Limits, StepCount
from medt_gen.resolve.types import Types
from medt_gen.spec.declarations import InputSize, NetworkDeclaration

Size = tuple[int, ...]

# About a second of work at most; what is not found by then counts as not working.
_MOST_STEPS = 300_000
_SAMPLES = 4
_ONE_BY_ONE = 4


@dataclass(frozen=True)
class RunSizes:
    """The lengths that each axis may have: multiples of a number, from `least` on.

    `largest` is None where there is no end to it.
    """

    multiples: Size
    least: Size
    largest: tuple[int | None, ...]


def run_sizes(
    built: Network,
    usual: Network,
    declared: NetworkDeclaration,
    types: Types,
    limits: Limits,
) -> RunSizes:
    """The sizes that work: one alone, or multiples of a number within bounds.

    `usual` is the network for the usual size, which has to be one of them.
    """
    full = _numbers(built)
    fixed = RunSizes(full, full, full)
    if built.root.flow is None or not full:
        return fixed
    trial = _Trial(built, declared, Attempts(types, limits, StepCount(_MOST_STEPS)))
    spans = _has_spans(built)
    found: list[_AxisSizes] = []
    for axis, length in enumerate(full):
        twins = [item for item in found if item.largest == length]
        found.append(twins[0] if twins else _axis_sizes(full, axis, trial))
    multiples = tuple(item.multiple for item in found)
    least = _least_together(tuple(item.least for item in found), full, multiples, trial)
    if least is None or not all(trial.works(x) for x in _others(built, usual, found)):
        return fixed
    endless = not spans and _goes_on(full, multiples, trial)
    return RunSizes(multiples, least, (None,) * len(full) if endless else full)


def _others(built: Network, usual: Network, found: Sequence[_AxisSizes]) -> list[Size]:
    """Sizes that have to work and were not tried: the usual one, and mixed ones."""
    full = _numbers(built)
    mixed = [
        tuple(item.least if place % 2 else item.largest for place, item in pairs)
        for pairs in ([*enumerate(found)], [*enumerate(found, 1)])
        if len(found) > 2
    ]
    return mixed if built is usual else [_numbers(usual), *mixed, full]


def _least_together(
    least: Size, full: Size, multiples: Size, trial: _Trial
) -> Size | None:
    """The shortest that all axes may be at once: a norm wants more than one value."""
    for more in range(2 * _ONE_BY_ONE):
        size = tuple(
            min(short + more * step, axis)
            for short, step, axis in zip(least, multiples, full, strict=True)
        )
        if trial.works(size):
            return size
    return None


def _goes_on(full: Size, multiples: Size, trial: _Trial) -> bool:
    """Whether all axes may be longer, by several steps."""
    longer = (
        tuple(axis + more * step for axis, step in zip(full, multiples, strict=True))
        for more in range(1, _SAMPLES)
    )
    return all(trial.works(size) for size in longer)


@dataclass
class _Trial:
    """Tries sizes, with the steps that are left."""

    built: Network
    declared: NetworkDeclaration
    attempts: Attempts

    def works(self, size: Size) -> bool:
        """Whether the network takes it with the weights that it has."""
        given = self.declared.input
        assert given is not FAULTY
        declared = with_size(self.declared, InputSize(size, given.size.place))
        attempts, only = self.attempts, Problems(most=0)
        try:
            found = resolve_network(
                declared, attempts.types, only, attempts.limits, attempts.count
            )
        except InvalidInput:
            return False
        if found is None:
            return False
        return not any(fixed_by_size(self.built, found))


def _numbers(network: Network) -> Size:
    return network.root.input.numbers[1:]


@dataclass(frozen=True)
class _AxisSizes:
    """The lengths of one axis that work."""

    multiple: int
    least: int
    largest: int


def _axis_sizes(full: Size, axis: int, trial: _Trial) -> _AxisSizes:
    """Multiples of the number that leaves most lengths, the other axes as they are."""
    length, best = full[axis], _AxisSizes(full[axis], full[axis], full[axis])
    most = 0
    for step in (number for number in range(1, length) if length % number == 0):

        def works(fewer: int, step: int = step) -> bool:
            return trial.works(_shorter(full, axis, fewer * step))

        reach = _reach(length // step - 1, works)
        # Of as many lengths, those that lie further apart say more.
        if reach and reach >= most:
            most, best = reach, _AxisSizes(step, length - reach * step, length)
        if reach + 1 >= length // step // 2 and reach:
            break
    return best


def _reach(count: int, works: Callable[[int], bool]) -> int:
    """How many steps shorter still works, of at most so many, all before it included.

    The first ones are tried one by one, then the middle and the end; where these don't
    work, the last that does is found between.
    """
    low = 0
    for position in sorted({*range(1, _ONE_BY_ONE + 1), count // 2, count}):
        if not low < position <= count:
            continue
        if not works(position):
            return _last(low, position, works)
        low = position
    return low


def _last(low: int, high: int, works: Callable[[int], bool]) -> int:
    """The last that works, where `low` does and `high` does not."""
    while high - low > 1:
        middle = (low + high) // 2
        if works(middle):
            low = middle
        else:
            high = middle
    return low


def _shorter(full: Size, axis: int, by: int) -> Size:
    return tuple(x - by if place == axis else x for place, x in enumerate(full))


def _has_spans(network: Network) -> bool:
    """Whether an attention is made for an axis of a length."""
    return any(_spans_in(module) for module in network.root.modules)


def _spans_in(module: Module) -> bool:
    body = module.body
    if isinstance(body, Use):
        return any(_spans_in(item) for item in body.instance.modules)
    if isinstance(body, Group):
        return any(_spans_in(item) for item in body.children)
    if not isinstance(body, Leaf):
        return False
    return any(argument.default is LENGTH for argument in body.layer.arguments)

"""The order of a flow: every value after the values that it reads."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.spec.declarations import Outputs, Step, Steps, good_ones
from medt_gen.spec.pipes import Name, Pipe, named_values


@dataclass(frozen=True)
class OrderedSteps:
    """The steps of a flow as they run, and how often each value is read.

    `unread` are the steps whose value nothing reads. Where not all names are `known`,
    they may have been meant by one that is not.
    """

    steps: list[Step]
    reads: Counter[str]
    unread: tuple[Step, ...]
    known: bool


@dataclass(frozen=True)
class Around:
    """What else has a name where a flow stands: it is no value of this flow.

    outer: the values around a patch step, which it can't see.
    modules: the modules of the class, which a value goes through.
    place: where the flow as a whole is shown.
    parameters: the tensors of the class itself, which a flow may read.
    """

    outer: Collection[str] = ()
    modules: Collection[str] = ()
    place: Place | None = None
    parameters: Collection[str] = ()


def ordered_steps(
    declared: Steps, inputs: Sequence[str], problems: Problems, around: Around
) -> OrderedSteps:
    """The steps in an order that can run, as written where possible.

    Steps that read an unknown value, or that wait for each other, are reported and left
    out, as FAULTY ones are.
    """
    steps = {name: step for name, step in declared.items() if step is not FAULTY}
    reads = {name: _reads(step) for name, step in steps.items()}
    values = {*inputs, *declared, *around.parameters}
    unknown = [
        (name, value)
        for name, items in reads.items()
        for value in items
        if value.text not in values
    ]
    for name, value in unknown:
        problems.error(
            "unknown-value",
            f"there is no value `{shown(value.text)}` here",
            value.place,
            _value_help(value, {*inputs, *steps} - {name}, inputs[0], around),
        )
    _check_ends(declared, inputs, problems, around.place)
    counts = Counter(value.text for items in reads.values() for value in items)
    # A pipe that takes an input's name has been complained of, and is left out.
    own = {name: step for name, step in steps.items() if name not in inputs}
    waits = {
        name: {value.text for value in reads[name] if value.text in own} for name in own
    }
    unread = tuple(
        step for name, step in own.items() if name != "out" and not counts[name]
    )
    known = not unknown and "out" in declared and len(steps) == len(declared)
    return OrderedSteps(_sorted(own, waits, problems), counts, unread, known)


def _value_help(
    value: Name, values: Collection[str], input_name: str, around: Around
) -> str | None:
    if value.text in around.outer:
        return f"a patch step sees its own values and `{input_name}` only"
    first, dot, rest = value.text.partition(".")
    if dot and first in values:
        return f"a value goes through modules: write `{first} | {shown(rest)}`"
    if value.text in ("input", "image", "inputs", "img") and input_name == "x":
        return "the input is called `x`"
    if value.text in around.modules:
        return (
            f"`{value.text}` is a module, and a value goes through it: write "
            f"`{input_name} | {value.text}`"
        )
    return did_you_mean(value.text, values)


def _sorted(
    steps: Mapping[str, Step], waits: dict[str, set[str]], problems: Problems
) -> list[Step]:
    """Of the steps that can run, the one that is written first goes first."""
    position = {name: index for index, name in enumerate(steps)}
    left = {name: len(items) for name, items in waits.items()}
    readers: defaultdict[str, list[str]] = defaultdict(list)
    for name, items in waits.items():
        for item in items:
            readers[item].append(name)
    ready = [position[name] for name, count in left.items() if count == 0]
    names = list(steps)
    done: list[Step] = []
    while ready:
        name = names[heapq.heappop(ready)]
        done.append(steps[name])
        for reader in readers[name]:
            left[reader] -= 1
            if left[reader] == 0:
                heapq.heappush(ready, position[reader])
    if len(done) < len(steps):
        waiting = {name: waits[name] for name, count in left.items() if count}
        _report_circles(steps, waiting, problems)
    return done


def _report_circles(
    steps: Mapping[str, Step], waiting: dict[str, set[str]], problems: Problems
) -> None:
    """Every circle once; what only waits for one is no further mistake."""
    left = dict(waiting)
    while left:
        circle = _walked(left)
        named = ", ".join(f"`{item}`" for item in circle[:10])
        problems.error(
            "circular-flow",
            f"the value {named} waits for itself"
            if len(circle) == 1
            else f"these values wait for each other: {named}",
            steps[circle[0]].key.place,
            "start from the input, or from a value that does not need this one",
        )
        gone = set(circle)
        while gone:
            left = {name: left[name] for name in left if name not in gone}
            gone = {name for name, items in left.items() if not items & left.keys()}


def _walked(waiting: dict[str, set[str]]) -> list[str]:
    """The first circle that is met on the way from a value to what it waits for."""
    walked: dict[str, None] = {}
    name = next(iter(waiting))
    while name not in walked:
        walked[name] = None
        name = min(item for item in waiting[name] if item in waiting)
    path = list(walked)
    return path[path.index(name) :]


def _check_ends(
    declared: Steps, inputs: Sequence[str], problems: Problems, whole: Place | None
) -> None:
    steps = good_ones(declared)
    which = "the input" if len(inputs) == 1 else "an input"
    for name in inputs:
        taken = declared.get(name, FAULTY)
        if taken is not FAULTY:
            problems.error(
                "bad-name",
                f"`{name}` is {which} and can't be defined again",
                taken.key.place,
                "choose another name",
            )
    last = list(declared.values())[-1] if declared else None
    if "out" not in declared and last is not FAULTY:
        problems.error(
            "missing-key",
            "a `forward:` needs `out:`, its result",
            steps[-1].key.place if steps else whole,
            f"rename `{shown(steps[-1].key.name)}` to `out`"
            if steps
            else "name the last value `out`",
        )


def _reads(step: Step) -> list[Name]:
    if isinstance(step.body, Outputs):
        return list(step.body.values.values())
    if not isinstance(step.body, Pipe):
        return [Name(str(step.body.of.value), step.body.of.place)]
    found = [step.body.value]
    for item in step.body.steps:
        if isinstance(item, Name):
            found += item.others
        else:
            values = named_values(item)
            found += [Name(x.name, x.place) for x in values if x.name is not None]
    return found

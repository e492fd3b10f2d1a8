"""The order of a flow: every value after the values that it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from medt_gen.catalog import OPERATIONS
from medt_gen.declarations import Step
from medt_gen.diagnostics import Place
from medt_gen.expressions import Constant
from medt_gen.flow import Call, Pipe
from medt_gen.names import did_you_mean, shown
from medt_gen.problems import Problems


def ordered_steps(
    steps: Mapping[str, Step], input_name: str, problems: Problems
) -> tuple[list[Step], Counter[str]]:
    """The steps in an order that can run, as written where possible.

    Also counts how often each value is read. Steps that read an unknown value, or that
    wait for each other, are reported and left out.
    """
    reads = {name: _reads(step) for name, step in steps.items()}
    known = {input_name, *steps}
    for name, items in reads.items():
        for value, place in items:
            if value not in known:
                problems.error(
                    "unknown-value",
                    f"there is no value `{shown(value)}` here",
                    place,
                    did_you_mean(value, known - {name}),
                )
    _check_ends(steps, reads, input_name, problems)
    counts = Counter(value for items in reads.values() for value, _ in items)
    ready = {
        name: {value for value, _ in items if value in steps}
        for name, items in reads.items()
    }
    return _sorted(steps, ready, problems), counts


def _sorted(
    steps: Mapping[str, Step], waits: dict[str, set[str]], problems: Problems
) -> list[Step]:
    done: list[Step] = []
    finished: set[str] = set()
    pending = list(steps)
    while pending:
        name = next((item for item in pending if waits[item] <= finished), None)
        if name is None:
            first = steps[pending[0]]
            problems.error(
                "circular-flow",
                "these values wait for each other: "
                + ", ".join(f"`{item}`" for item in pending),
                first.key.place,
            )
            break
        pending.remove(name)
        finished.add(name)
        done.append(steps[name])
    return done


def _check_ends(
    steps: Mapping[str, Step],
    reads: dict[str, list[tuple[str, Place]]],
    input_name: str,
    problems: Problems,
) -> None:
    if input_name in steps:
        problems.error(
            "bad-name",
            f"`{input_name}` is the input and can't be defined again",
            steps[input_name].key.place,
            "choose another name",
        )
    if "out" not in steps:
        place = next((step.key.place for step in steps.values()), None)
        problems.error(
            "missing-key",
            "a `forward:` needs `out:`, its result",
            place,
            "name the last value `out`",
        )
    used = {value for items in reads.values() for value, _ in items}
    for name, step in steps.items():
        if name not in used and name != "out":
            problems.warning(
                "unused-value",
                f"the value `{name}` is never read",
                step.key.place,
                "remove it, or use it in a later pipe",
            )


def _reads(step: Step) -> list[tuple[str, Place]]:
    """The values that a step reads, with where."""
    if not isinstance(step.body, Pipe):
        return [(str(step.body.of.value), step.body.of.place)]
    found = [(step.body.value.text, step.body.value.place)]
    for item in step.body.steps:
        if isinstance(item, Call):
            found += _named(item)
    return found


def _named(call: Call) -> list[tuple[str, Place]]:
    operation = OPERATIONS.get(call.name)
    if operation is None or operation.values[1] == 0:
        return []
    return [
        (argument.value.value, argument.place)
        for argument in call.arguments
        if argument.keyword is None
        and isinstance(argument.value, Constant)
        and isinstance(argument.value.value, str)
    ]

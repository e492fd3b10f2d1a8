"""`init:` of a class: its lines with their arguments, and whose tensors they fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from medt_gen.catalog.initial_values import INITIAL_VALUES, InitialValue
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.held import HeldParameter, held_parameters
from medt_gen.network.records import InitialLine, Instance
from medt_gen.resolve.operations import given_in_call
from medt_gen.resolve.scope import Scope
from medt_gen.spec.declarations import ClassDeclaration
from medt_gen.spec.pipes import OperationCall
from medt_gen.spec.read_init import INIT, InitLine, InitPass

Passes = tuple[tuple[InitialLine, ...], ...]
WEIGHT = ".weight"


def initial_passes(scope: Scope, instance: Instance) -> Passes | Faulty:
    """The passes of a class, for one instance of it."""
    declared = scope.declaration.keys[INIT]
    if not declared:
        return ()
    held = held_parameters(instance)
    passes = [_pass(scope, lines, held) for lines in declared]
    known = tuple(item for item in passes if item is not FAULTY)
    return known if len(known) == len(passes) else FAULTY


def _pass(
    scope: Scope, lines: InitPass, held: Sequence[HeldParameter]
) -> tuple[InitialLine, ...] | Faulty:
    found = [_line(scope, line, held) for line in lines]
    known = tuple(item for item in found if item is not FAULTY)
    if len(known) < len(found) or not _fit(scope, lines, known, held):
        return FAULTY
    return known


def _line(
    scope: Scope, line: InitLine, held: Sequence[HeldParameter]
) -> InitialLine | Faulty:
    value = known_value(scope, line.call)
    if value is FAULTY:
        return FAULTY
    given = given_in_call(scope, value, line.call, line.call.arguments)
    if given is FAULTY:
        return FAULTY
    keys = {key for parameter in held for key in parameter.keys}
    named = (key for key in (line.key, line.key + WEIGHT) if key in keys)
    return InitialLine(next(named, None), value, given)


def known_value(scope: Scope, call: OperationCall) -> InitialValue | Faulty:
    """The function that a call names; FAULTY after a complaint."""
    value = INITIAL_VALUES.get(call.name)
    if value is None:
        _complain_of_name(scope, call)
        return FAULTY
    return value


def _complain_of_name(scope: Scope, call: OperationCall) -> None:
    word = call.name.rpartition(".")[2].rstrip("_")
    fix = did_you_mean(word, INITIAL_VALUES, listed=len(INITIAL_VALUES))
    if word in INITIAL_VALUES:
        arguments = call.place.text.partition("(")[2]
        fix = f"write `{word}({shown(arguments)}`"
    scope.problems.error(
        "unknown-operation",
        f"there is no initial value `{shown(call.name)}()`",
        call.place,
        fix,
    )


def _fit(
    scope: Scope,
    lines: InitPass,
    found: Sequence[InitialLine],
    held: Sequence[HeldParameter],
) -> bool:
    """Whether each function fills the tensors that take its line."""
    by_key = {
        item.key: (line, item.value)
        for line, item in zip(lines, found, strict=True)
        if item.key is not None
    }
    for parameter in held:
        taken = next((by_key[key] for key in parameter.keys if key in by_key), None)
        if taken is not None and not _fills(*taken, parameter, scope.problems):
            return False
    return True


def _fills(
    line: InitLine, value: InitialValue, parameter: HeldParameter, problems: Problems
) -> bool:
    least, most = value.axes
    axes = len(parameter.shape)
    if least <= axes <= most:
        return True
    wanted = f"{least} axes" if least == most else f"{least} axes or more"
    problems.error(
        "wrong-value",
        f"`{value.name}()` fills tensors of {wanted}, and "
        f"`{'.'.join(parameter.path)}` has the shape {list(parameter.shape)}",
        line.call.place,
        "use `zeros()`, `ones()`, `constant(...)`, `normal(...)` or `uniform(...)`, or "
        "a key that leaves this tensor out",
    )
    return False


def check_lines(
    declaration: ClassDeclaration, instances: Sequence[Instance], problems: Problems
) -> None:
    """Complain of every line that no instance of a class has a tensor for."""
    for number, lines in enumerate(declaration.keys[INIT]):
        for place, line in enumerate(lines):
            passes = [item.initial for item in instances if item.initial]
            if passes and all(item[number][place].key is None for item in passes):
                _complain_of_key(line, instances, problems)


def _complain_of_key(
    line: InitLine, instances: Sequence[Instance], problems: Problems
) -> None:
    keys: Mapping[str, None] = dict.fromkeys(
        key.removesuffix(WEIGHT)
        for instance in instances
        for parameter in held_parameters(instance)
        for key in reversed(parameter.keys)
    )
    problems.error(
        "unknown-module",
        f"no tensor is called `{shown(line.key)}`, and none is in a module of that "
        "name or type",
        line.place,
        did_you_mean(line.key, keys, listed=0)
        or "name a type such as `Conv2d.bias`, a block's member such as "
        "`AxialBlock.bn2`, or a path such as `stem.conv1.weight`",
    )

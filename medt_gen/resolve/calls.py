"""Which modules a pipe calls: also those in containers, and those of several inputs.

A name in parentheses is a module where the class declares one of several inputs, and
otherwise an operation: so an operation that comes later changes no spec's meaning.
"""

from __future__ import annotations

from dataclasses import replace

from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.catalog.entries import LayerType
from medt_gen.messages.diagnostics import Note
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import did_you_mean, either, shown
from medt_gen.resolve.modules import found_stage
from medt_gen.resolve.scope import Scope
from medt_gen.resolve.stages import children
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration, Step, Steps
from medt_gen.spec.pipes import FlowArgument, Name, OperationCall, Pipe

Chain = tuple[ModuleDeclaration, ...]
"""A module behind the containers around it, the outermost first."""


def called_module(scope: Scope, step: Name) -> Chain | Faulty | None:
    """The module that a step calls; None where the class has none of its first name.

    FAULTY after a complaint of what is not in there.
    """
    first, *keys = step.text.split(".")
    declaration = scope.declaration.module(first)
    if declaration is None or declaration is FAULTY:
        return declaration
    chain = [declaration]
    for key in keys:
        found = _child(scope, chain[-1], key, step)
        if found is FAULTY:
            return FAULTY
        chain.append(found)
    return tuple(chain)


def _child(
    scope: Scope, parent: ModuleDeclaration, key: str, step: Name
) -> ModuleDeclaration | Faulty:
    held = held_by(scope, parent)
    if held is FAULTY:
        return FAULTY
    found = next((child for child in held or () if child.name == key), None)
    if found is not None:
        return found
    if held is None:
        _complain_of_no_container(scope, parent, step)
        return FAULTY
    names = [child.label for child in held]
    scope.problems.error(
        "unknown-module",
        f"`{parent.label}` holds no module `{shown(key)}`",
        step.place,
        did_you_mean(step.text, names),
        Note(f"`{parent.label}` is declared here", parent.key.place),
    )
    return FAULTY


def held_by(
    scope: Scope, declaration: ModuleDeclaration
) -> tuple[ModuleDeclaration, ...] | Faulty | None:
    """What a container holds; None for what is no container."""
    if declaration.type.open:
        return None
    if declaration.type.text in CONTAINERS:
        return declaration.children or ()
    if declaration.type.text != STAGE:
        return None
    stage = found_stage(scope, declaration, declaration.arguments)
    return FAULTY if stage is FAULTY else tuple(children(declaration, stage))


def _complain_of_no_container(
    scope: Scope, parent: ModuleDeclaration, step: Name
) -> None:
    scope.problems.error(
        "unknown-module",
        f"`{shown(step.text)}` is inside `{parent.label}`, which is no container",
        step.place,
        f"call `{parent.label}` as a whole: what is in a block or a layer is its own",
        Note(f"`{parent.label}` is declared here", parent.key.place),
    )


def inputs_of(scope: Scope, declaration: ModuleDeclaration) -> tuple[str, ...]:
    """What a module is called with; mistakes in its type are told elsewhere."""
    found = scope.session.types.find(declaration.type, scope.environment)
    if found is None or not isinstance(found.type, LayerType | ClassDeclaration):
        return ("x",)
    return found.type.inputs


def with_module_calls(steps: Steps, scope: Scope) -> Steps:
    """The steps, with the calls of modules of several inputs as such.

    Those that are called otherwise are FAULTY, after a complaint.
    """
    return {name: _with_module_calls(step, scope) for name, step in steps.items()}


def _with_module_calls(step: Step | Faulty, scope: Scope) -> Step | Faulty:
    if step is FAULTY or not isinstance(step.body, Pipe):
        return step
    items = [_item(item, scope) for item in step.body.steps]
    known = tuple(item for item in items if item is not FAULTY)
    if len(known) < len(items):
        return FAULTY
    return replace(step, body=replace(step.body, steps=known))


def _item(item: Name | OperationCall, scope: Scope) -> Name | OperationCall | Faulty:
    inputs = _several_inputs(item, scope)
    if inputs is None:
        return item
    given = item.arguments if isinstance(item, OperationCall) else ()
    called = item.name if isinstance(item, OperationCall) else item.text
    wrong = next((argument for argument in given if not _is_value(argument)), None)
    if wrong is None and len(given) == len(inputs) - 1:
        values = tuple(Name(x.name or "", x.place) for x in given)
        return Name(called, item.place, values)
    names = ", ".join(inputs[1:])
    counted = f"{len(given) + 1}" if wrong is None else "more than names of values"
    scope.problems.error(
        "wrong-value",
        f"`{called}` takes {len(inputs)} inputs, {either(inputs, 'and')}, and gets "
        f"{counted}",
        item.place if wrong is None else wrong.place,
        f"write `{called}({names})`, with the names of values, in this order",
    )
    return FAULTY


def _is_value(argument: FlowArgument) -> bool:
    return argument.keyword is None and argument.name is not None


def _several_inputs(item: Name | OperationCall, scope: Scope) -> tuple[str, ...] | None:
    """The inputs of the module that a step names, if it has several."""
    text = item.name if isinstance(item, OperationCall) else item.text
    first, *keys = text.split(".")
    declaration: ModuleDeclaration | Faulty | None = scope.declaration.module(first)
    for key in keys:
        if declaration is None or declaration is FAULTY:
            return None
        held = declaration.children or ()
        declaration = next((child for child in held if child.name == key), None)
    if declaration is None or declaration is FAULTY:
        return None
    inputs = inputs_of(scope, declaration)
    return inputs if len(inputs) > 1 else None

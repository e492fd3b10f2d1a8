"""A module and the value it is called with -> the module with every size known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from medt_gen.catalog.containers import (
    HOLDERS,
    PARAMETER,
    SEQUENTIAL,
    STAGE,
)
from medt_gen.catalog.entries import LayerType
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import either
from medt_gen.network.inputs import input_terms
from medt_gen.network.records import CallShapes, Cost, Group, Module, Use
from medt_gen.resolve.arguments import unknown_argument
from medt_gen.resolve.blocks import (
    block_arguments,
    block_instance,
    channels_agree,
    translated,
    with_defaults,
)
from medt_gen.resolve.environment import condition_holds, data_of, node_value
from medt_gen.resolve.leaves import check_arguments, resolve_layer
from medt_gen.resolve.printed_only import (
    check_printed,
    printed_only,
    refuse_call,
)
from medt_gen.resolve.refusals import (
    refuse_flowless,
    refuse_holder,
    refuse_inside,
    refuse_rows,
)
from medt_gen.resolve.scope import FlowValue, Scope
from medt_gen.resolve.stages import Stage, children, read_stage
from medt_gen.resolve.types import Container, FoundType, OpenClass
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration, Written
from medt_gen.spec.nodes import Key, MappingNode
from medt_gen.spec.read_modules import CHILDREN


@dataclass(frozen=True)
class ModuleCall:
    """A module, and what it makes of the value that it is called with."""

    module: Module
    output: FlowValue


Arguments = Mapping[str, Written]
Inputs = tuple[FlowValue, ...]
"""What a module is called with: the piped value, then the others."""


def call_module(
    scope: Scope,
    declaration: ModuleDeclaration,
    inputs: Inputs,
    place: Place,
) -> ModuleCall | Faulty:
    """The module called with `inputs`; `place` is where it is called."""
    scope.take_step(place)
    found = _call(scope.deeper(place), declaration, inputs, place)
    if found is FAULTY or found.module.body is None:
        return found
    first, *others = (item.shape for item in inputs)
    shapes = CallShapes(first, found.output.shape, tuple(others))
    return replace(found, module=replace(found.module, shapes=shapes))


def _call(
    scope: Scope, declaration: ModuleDeclaration, inputs: Inputs, place: Place
) -> ModuleCall | Faulty:
    value = inputs[0]
    if not exists(scope, declaration):
        return ModuleCall(absent(declaration), value)
    found = found_type(scope, declaration)
    if found is FAULTY:
        return FAULTY
    given = given_arguments(found, declaration)
    if kind := printed_only(found):
        refuse_call(scope, declaration, kind, place)
        return FAULTY
    assert not isinstance(found.type, OpenClass)
    if not _takes(scope, found.type, declaration, inputs, place):
        return FAULTY
    if isinstance(found.type, LayerType):
        return _call_layer(scope, declaration, found.type, given, inputs, place)
    if isinstance(found.type, ClassDeclaration):
        return _call_block(scope, declaration, found.type, given, inputs)
    return _call_container(scope, declaration, found.type, given, value, place)


def _takes(
    scope: Scope,
    kind: LayerType | ClassDeclaration | Container,
    declaration: ModuleDeclaration,
    inputs: Inputs,
    place: Place,
) -> bool:
    """Whether it takes so many inputs."""
    names = () if isinstance(kind, Container) else kind.inputs
    if len(inputs) == max(len(names), 1):
        return True
    label, more = declaration.label, ", ".join(names[1:])
    scope.problems.error(
        "wrong-value",
        f"`{label}` takes {len(names)} inputs, {either(names, 'and')}, and gets "
        f"{len(inputs)}",
        place,
        f"call it in a pipe as `{label}({more})`, with the names of values",
    )
    return False


def _call_container(
    scope: Scope,
    declaration: ModuleDeclaration,
    container: Container,
    given: Arguments,
    value: FlowValue,
    place: Place,
) -> ModuleCall | Faulty:
    if container.name == PARAMETER:
        refuse_inside(scope, declaration)
        return FAULTY
    if container.name == SEQUENTIAL:
        _refuse_arguments(scope, given)
        return _chain(scope, declaration, declaration.children or (), value, place)
    if container.name in HOLDERS:
        refuse_holder(scope, declaration, container.name, place)
        return FAULTY
    stage = found_stage(scope, declaration, given)
    if stage is FAULTY:
        return FAULTY
    return _chain(scope, declaration, children(declaration, stage), value, place)


def absent(declaration: ModuleDeclaration) -> Module:
    """A module of which `when:` says that it does not exist."""
    return Module(declaration.name, declaration, None)


def exists(scope: Scope, declaration: ModuleDeclaration) -> bool:
    """Whether the module's `when:` holds."""
    if declaration.when is None:
        return True
    return condition_holds(declaration.when, scope.environment, scope.problems)


def found_type(scope: Scope, declaration: ModuleDeclaration) -> FoundType | Faulty:
    """What the module's `type:` stands for."""
    types = scope.session.types
    found = types.resolve(declaration.type, scope.environment, scope.problems)
    if found is FAULTY or not isinstance(found.type, ClassDeclaration):
        return found
    # A block may have the name of a class that lists what it holds.
    if CHILDREN.name in declaration.keys.by_name:
        refuse_rows(scope, declaration)
        return FAULTY
    return found


def given_arguments(
    found: FoundType, declaration: ModuleDeclaration
) -> dict[str, Written]:
    """The arguments of a module: those of its type's parameter, then its own.

    What a spec writes in a mapping of its own stands for arguments of the layer.
    """
    given = {**found.arguments, **declaration.arguments}
    if not isinstance(found.type, LayerType):
        return given
    return spread(found.type, given)


def shared_root(module: Module, inputs: Inputs) -> str | None:
    """The named value whose memory the output of a module may share."""
    body = module.body
    if isinstance(body, Use):
        shared = body.instance.aliases
        return None if shared is None else inputs[shared].root
    return inputs[0].root if module.shares_memory else None


def spread(layer: LayerType, given: Arguments) -> dict[str, Written]:
    """`pooling: {padding: 1}` as the argument that it is of the layer."""
    inner = {x.within: x.name for x in layer.arguments if x.within is not None}
    wholes = {whole for whole, _ in inner}
    found: dict[str, Written] = {}
    for name, item in given.items():
        if name not in wholes or not isinstance(item.node, MappingNode):
            found[name] = item
            continue
        for key, node in item.node.items.items():
            argument = inner.get((name, key), f"{name}.{key}")
            place = item.node.keys[key].place
            found[argument] = Written(Key(argument, place), node)
    return found


def works_in_place(scope: Scope, declaration: ModuleDeclaration) -> bool:
    """Whether calling the module changes its input; mistakes are told elsewhere."""
    found = scope.session.types.find(declaration.type, scope.environment)
    if found is None or not isinstance(found.type, LayerType):
        return False
    given = given_arguments(found, declaration).get("inplace")
    if given is None or not exists(scope, declaration):
        return False
    value = node_value(given.node, scope.environment, scope.problems)
    return value is not FAULTY and data_of(value) is True


def check_module(scope: Scope, declaration: ModuleDeclaration) -> None:
    """Complain of what is wrong whatever the input: types, names and values."""
    scope.take_step(declaration.place)
    if not exists(scope, declaration):
        return
    found = found_type(scope, declaration)
    if found is FAULTY:
        return
    given = given_arguments(found, declaration)
    if kind := printed_only(found):
        check_printed(scope, declaration, kind, given)
        for child in declaration.children or ():
            check_module(scope, child)
    elif isinstance(found.type, LayerType):
        check_arguments(scope, declaration, found.type, given)
    elif isinstance(found.type, ClassDeclaration):
        block_arguments(scope, declaration, found.type, given)
    elif found.type.name == STAGE:
        _check_stage(scope, declaration, given)
    elif found.type.name == PARAMETER:
        refuse_inside(scope, declaration)
    else:
        _refuse_arguments(scope, given)
        for child in declaration.children or ():
            check_module(scope, child)


def _check_stage(
    scope: Scope, declaration: ModuleDeclaration, given: Arguments
) -> None:
    stage = found_stage(scope, declaration, given)
    if stage is not FAULTY:
        check_module(scope, next(children(declaration, stage)))


def _refuse_arguments(scope: Scope, given: Arguments) -> None:
    for item in given.values():
        unknown_argument(SEQUENTIAL, item, ["modules"], scope.problems)


def _call_layer(
    scope: Scope,
    declaration: ModuleDeclaration,
    layer: LayerType,
    given: Arguments,
    inputs: Inputs,
    place: Place,
) -> ModuleCall | Faulty:
    made = resolve_layer(scope, declaration, layer, given, inputs, place)
    if made is FAULTY:
        return FAULTY
    module = Module(declaration.name, declaration, made.leaf, made.cost)
    return ModuleCall(module, made.output)


def _chain(
    scope: Scope,
    declaration: ModuleDeclaration,
    parts: Iterable[ModuleDeclaration],
    value: FlowValue,
    place: Place,
) -> ModuleCall | Faulty:
    """The parts one after the other; behind a faulty one the rest is only checked."""
    modules: list[Module] = []
    total = Cost(modules=1)
    passed: FlowValue | Faulty = value
    for child in parts:
        if passed is FAULTY:
            # Only the first of a stage is worth a look: the others are its like.
            if declaration.children is None:
                break
            check_module(scope, child)
            continue
        called = call_module(scope, child, (passed,), child.place)
        if called is FAULTY:
            passed = FAULTY
            continue
        passed = called.output.through(child.label, child.place, passed.trail)
        modules.append(called.module)
        total = total + called.module.cost
        if _too_large(scope, declaration, total):
            return FAULTY
    if passed is FAULTY:
        return FAULTY
    module = Module(declaration.name, declaration, Group(tuple(modules)), total)
    return ModuleCall(module, passed)


def _too_large(scope: Scope, declaration: ModuleDeclaration, total: Cost) -> bool:
    most = scope.session.limits.modules
    if total.modules <= most:
        return False
    message = f"`{declaration.label}` holds more than {most:,}"
    _refuse_size(scope, declaration, message)
    return True


def _refuse_size(scope: Scope, declaration: ModuleDeclaration, message: str) -> None:
    scope.problems.error(
        "too-large",
        f"{message} modules, the limit for a network",
        declaration.place,
        "raise the limit with `--limit modules=N`",
    )


def found_stage(
    scope: Scope, declaration: ModuleDeclaration, given: Arguments
) -> Stage | Faulty:
    """What a `Stage` repeats and how often."""
    stage = read_stage(scope, declaration, given)
    most = scope.session.limits.modules
    if stage is not FAULTY and stage.depth > most:
        text = f"`{declaration.label}` repeats its block {stage.depth:,} times: "
        _refuse_size(scope, declaration, f"{text}more than {most:,}")
        return FAULTY
    return stage


def _call_block(
    scope: Scope,
    declaration: ModuleDeclaration,
    block: ClassDeclaration,
    given: Arguments,
    inputs: Inputs,
) -> ModuleCall | Faulty:
    arguments = block_arguments(scope, declaration, block, given)
    if arguments is FAULTY:
        return FAULTY
    if block.forward is None:
        reason = f"`{block.reference}` has no `forward:`"
        refuse_flowless(scope, declaration, reason)
        return FAULTY
    if not channels_agree(scope, given, inputs[0]):
        return FAULTY
    values = with_defaults(scope, block, given, arguments)
    instance = block_instance(scope, declaration, block, values, inputs)
    if instance is FAULTY or instance.output is None:
        return FAULTY
    sizes = input_terms(block.inputs, [item.shape for item in inputs])
    shared = instance.aliases
    output = FlowValue(
        translated(instance.output, values, sizes),
        None if shared is None else inputs[shared].root,
    )
    use = Use(instance, arguments, sizes)
    module = Module(declaration.name, declaration, use, instance.cost)
    return ModuleCall(module, output)

"""A layer of the catalog and its input -> the layer with every argument known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from medt_gen.algebra.terms import Shape, Term, constant
from medt_gen.catalog.entries import (
    INFERRED,
    REQUIRED,
    LayerType,
    NotFollowed,
    Outcome,
    ShapeError,
    plain,
)
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.records import Cost, Leaf
from medt_gen.resolve.environment import argument_value
from medt_gen.resolve.scope import FlowValue, Scope, fits_in_memory, origins
from medt_gen.spec.declarations import ModuleDeclaration, Written

# A never-called layer has no input: one this large fits every kernel.
_ANY_SIZE = 2**12


@dataclass(frozen=True)
class MadeLayer:
    """A layer with its arguments, what it costs, and what it makes of its input."""

    leaf: Leaf
    cost: Cost
    output: FlowValue


@dataclass(frozen=True)
class _LayerUse:
    """A layer as a spec writes it: its type, its arguments, and those as terms."""

    declaration: ModuleDeclaration
    layer: LayerType
    given: Mapping[str, Written]
    values: Mapping[str, Any]

    @property
    def filled(self) -> dict[str, Any]:
        """All arguments but those that follow from the input."""
        defaults = {
            argument.name: _default(argument.default)
            for argument in self.layer.arguments
            if argument.default is not REQUIRED and argument.default is not INFERRED
        }
        return {**defaults, **self.values}

    def place_of(self, argument: str | None) -> Place:
        """Where an argument is written, or else the type."""
        if argument is not None and argument in self.given:
            return self.given[argument].node.place
        return self.declaration.type.place


def resolve_layer(
    scope: Scope,
    declaration: ModuleDeclaration,
    layer: LayerType,
    given: Mapping[str, Written],
    value: FlowValue,
    place: Place,
) -> MadeLayer | Faulty:
    """The layer called at `place` with `value`."""
    values = check_arguments(scope, declaration, layer, given)
    if values is FAULTY:
        return FAULTY
    use = _LayerUse(declaration, layer, given, values)
    if not _fits(scope, use, value):
        return FAULTY
    outcome = _outcome(scope, use, value)
    if outcome is FAULTY or not _agrees(scope, use, outcome, value):
        return FAULTY
    if not fits_in_memory(outcome.output, place, scope.problems):
        return FAULTY
    _check_norm(scope, use, value.shape)
    leaf = Leaf(
        layer,
        _written(use, outcome),
        _patches(scope, layer),
        layer.origin == "layers" and len(value.shape.size) == 3,
    )
    root = value.root if leaf.shares_memory else None
    return MadeLayer(leaf, _cost(outcome), FlowValue(outcome.output, root, place))


def uncalled_layer(
    scope: Scope,
    declaration: ModuleDeclaration,
    layer: LayerType,
    given: Mapping[str, Written],
    rank: int,
    lengths: Mapping[str, Term] | None = None,
) -> MadeLayer | Faulty:
    """A layer that is never called: what would be inferred has to be given.

    Its output is what it would make of an input that it takes, of `rank` axes if it
    can. `lengths` are those of the axes by name, where attention may take its span from
    them.
    """
    values = check_arguments(scope, declaration, layer, given)
    if values is FAULTY:
        return FAULTY
    if lengths and "span" in layer.names:
        values = {"span": lengths.get(str(plain(values["axis"]))), **values}
    for argument in layer.arguments:
        if argument.default is INFERRED and argument.name not in values:
            scope.problems.error(
                "missing-argument",
                f"`{declaration.label}` is never called, so its "
                f"`{argument.name}` has to be given",
                declaration.place,
                f"add `{argument.name}:`, or call the module in `forward:`",
            )
            return FAULTY
    use = _LayerUse(declaration, layer, given, values)
    value = FlowValue(_pretended_input(use, rank))
    outcome = _outcome(scope, use, value, unfollowed=True)
    if outcome is FAULTY:
        return FAULTY
    cost = replace(_cost(outcome), activations=0, work=0)
    volume = layer.origin == "layers" and rank == 3
    leaf = Leaf(layer, _written(use, outcome), volume=volume)
    return MadeLayer(leaf, cost, FlowValue(outcome.output))


def _pretended_input(use: _LayerUse, rank: int) -> Shape:
    layer, values = use.layer, use.values
    leading = next((a.name for a in layer.arguments if a.default is INFERRED), None)
    channels = values[leading] if leading else constant(_ANY_SIZE)
    if layer.rank is not None and rank not in layer.rank:
        rank = max(layer.rank)
    axis = values.get("span", constant(_ANY_SIZE))
    return Shape(channels, (axis,) * rank)


def check_arguments(
    scope: Scope,
    declaration: ModuleDeclaration,
    layer: LayerType,
    given: Mapping[str, Written],
) -> dict[str, Any] | Faulty:
    """The given arguments as terms."""
    values: dict[str, Any] = {}
    for name, item in given.items():
        if name not in layer.names:
            unknown_argument(layer.name, item, layer.names, scope.problems)
            values[name] = FAULTY
            continue
        kind = layer.argument(name).kind
        values[name] = argument_value(
            name, item.node, kind, scope.environment, scope.problems
        )
    for argument in layer.arguments:
        if argument.default is REQUIRED and argument.name not in given:
            scope.problems.error(
                "missing-argument",
                f"`{layer.name}` needs `{argument.name}`",
                declaration.type.place,
                f"add `{argument.name}:`, {argument.kind.words}",
            )
            values[argument.name] = FAULTY
    return FAULTY if FAULTY in values.values() else values


def _fits(scope: Scope, use: _LayerUse, value: FlowValue) -> bool:
    layer, rank = use.layer, len(value.shape.size)
    if layer.rank is None or rank in layer.rank:
        return True
    wanted = " or ".join(_FORMS[number] for number in sorted(layer.rank))
    scope.problems.error(
        "shape-mismatch",
        f"`{layer.name}` takes {wanted}, and the input of `{use.declaration.label}` "
        f"is {value.shape}",
        use.declaration.type.place,
        _neighbour(layer, rank),
        *origins([value]),
    )
    return False


def _outcome(
    scope: Scope, use: _LayerUse, value: FlowValue, *, unfollowed: bool = False
) -> Outcome | Faulty:
    try:
        return use.layer.rule(use.filled, value.shape)
    except ShapeError as error:
        if isinstance(error, NotFollowed) and unfollowed:
            return Outcome(value.shape, {}, parameters=error.parameters)
        scope.problems.error(
            error.code,
            f"`{use.declaration.label}`: {error}",
            use.place_of(error.argument),
            error.help,
            *origins([value]),
        )
        return FAULTY


def _agrees(scope: Scope, use: _LayerUse, outcome: Outcome, value: FlowValue) -> bool:
    """Whether what was given equals what follows from the input."""
    for name, inferred in outcome.inferred.items():
        if name not in use.values:
            continue
        given = plain(use.values[name])
        if given == inferred.value:
            remark_inferred(name, use.given[name], scope.problems)
            continue
        scope.problems.error(
            "shape-mismatch",
            f"`{name}` is {given} here, and the input "
            f"{value.shape} makes it {inferred.value}",
            use.place_of(name),
            f"remove `{name}`: it is inferred, or write {inferred.value}",
            *origins([value]),
        )
        return False
    return True


def _check_norm(scope: Scope, use: _LayerUse, shape: Shape) -> None:
    """A norm with one value per channel and statistic fails in training."""
    layer, patches = use.layer, _patches(scope, use.layer) > 1
    alone = layer.name.startswith("InstanceNorm") or patches
    single = bool(shape.size) and all(axis.number == 1 for axis in shape.size)
    if alone and single and (layer.normalises or layer.origin == "layers"):
        scope.problems.error(
            "one-value-norm",
            f"`{use.declaration.label}` would normalise one value per channel: its "
            f"input is {shape}, and every "
            + ("patch" if patches else "image")
            + " has statistics of its own",
            use.declaration.place,
            "enlarge the input, use fewer strides or a coarser grid"
            + (", or `statistics: batch`" if patches else ""),
        )


def _patches(scope: Scope, layer: LayerType) -> int:
    aware = layer.name == "BatchNorm2d" or layer.origin == "layers"
    return scope.patches if aware else 1


def unknown_argument(
    owner: str, item: Written, known: Iterable[str], problems: Problems
) -> None:
    """Complain of an argument that `owner` does not have."""
    problems.error(
        "unknown-argument",
        f"`{owner}` has no argument `{shown(item.key.name)}`",
        item.key.place,
        did_you_mean(item.key.name, [*known, "unused", "when", "after"]),
    )


def remark_inferred(name: str, given: Written, problems: Problems) -> None:
    """For pedants: the value is what would be inferred."""
    problems.remark(
        "inferred-value",
        f"`{name}` is written out, and equals what follows from the input",
        given.key.place,
        f"remove `{name}`",
    )


_FORMS = {
    0: "features [N, C]",
    1: "signals [N, C, L]",
    2: "images [N, C, H, W]",
    3: "volumes [N, C, D, H, W]",
}


def _neighbour(layer: LayerType, rank: int) -> str | None:
    """Help: what does the like to an input of `rank` axes, or where the layer fits."""
    assert layer.rank is not None
    other = layer.instead.get(rank)
    if rank == 0:
        earlier = "call it before `mean()` or `flatten()`"
        return f"use `{other}`, or {earlier}" if other else earlier
    if layer.rank == {0}:
        return "flatten it first: `mean()` or `flatten()`"
    return f"use `{other}`" if other else None


def _default(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(constant(item) for item in value)
    return constant(value)


def _written(use: _LayerUse, outcome: Outcome) -> dict[str, Any]:
    """The arguments that the emitted call states: no defaults, constructor's order."""
    written: dict[str, Any] = {}
    for argument in use.layer.arguments:
        name = argument.name
        if name in use.values:
            if not _is_default(use.values[name], argument.default):
                written[name] = use.values[name]
        elif name in outcome.inferred:
            written[name] = outcome.inferred[name]
    return written


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(value, Term) and value.expression != constant(value.value).expression:
        return False  # it follows from a parameter
    given = plain(value)
    return bool(given == (list(default) if isinstance(default, tuple) else default))


def _cost(outcome: Outcome) -> Cost:
    return Cost(
        outcome.parameters,
        outcome.frozen,
        outcome.buffers,
        outcome.modules,
        outcome.output.elements,
        outcome.work,
    )

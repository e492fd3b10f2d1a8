"""A layer of the catalog and its input -> the layer with every argument known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from medt_gen.algebra.expressions import parameters
from medt_gen.algebra.terms import (
    ArgumentValue,
    Datum,
    Shape,
    Term,
    as_data,
    constant,
)
from medt_gen.catalog.arguments import CHANNELS, LENGTH, Values
from medt_gen.catalog.entries import LayerType, Role
from medt_gen.catalog.errors import NotFollowed, ShapeError
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.network.records import Cost, Leaf
from medt_gen.resolve.arguments import Missing, check_given
from medt_gen.resolve.environment import argument_value
from medt_gen.resolve.scope import FlowValue, Scope, fits_in_memory
from medt_gen.resolve.trails import traces
from medt_gen.spec.declarations import ModuleDeclaration, Written

# A never-called layer has no input: one this large fits every kernel.
_ANY_SIZE = constant(2**12)

Given = Mapping[str, ArgumentValue]


@dataclass(frozen=True)
class MadeLayer:
    """A layer with its arguments, what it costs, and what it makes of its input."""

    leaf: Leaf
    cost: Cost
    output: FlowValue


@dataclass(frozen=True)
class UncalledLayer:
    """A layer that is never called, and what it costs."""

    leaf: Leaf
    cost: Cost


@dataclass(frozen=True)
class _LayerUse:
    """A layer as a spec writes it: its type, its arguments, and those as terms."""

    declaration: ModuleDeclaration
    layer: LayerType
    written: Mapping[str, Written]
    given: Given

    @property
    def values(self) -> Values:
        """What is given with the defaults of the rest."""
        return self.layer.filled(self.given)

    def trace(self, value: FlowValue) -> tuple[Note, ...]:
        """How the input came about."""
        return traces([value], f"the input of `{self.declaration.label}`")

    def place_of(self, argument: str | None) -> Place:
        """Where an argument is written, or else the type."""
        if argument is not None and argument in self.written:
            return self.written[argument].node.place
        return self.declaration.type.place


@dataclass(frozen=True)
class _Applied:
    """What a layer makes of an input, and the arguments that follow from that."""

    output: Shape
    inferred: Mapping[str, Term]


def resolve_layer(
    scope: Scope,
    declaration: ModuleDeclaration,
    layer: LayerType,
    written: Mapping[str, Written],
    inputs: tuple[FlowValue, ...],
    place: Place,
) -> MadeLayer | Faulty:
    """The layer called at `place` with `inputs`."""
    given = check_arguments(scope, declaration, layer, written)
    if given is FAULTY:
        return FAULTY
    use = _LayerUse(declaration, layer, written, given)
    if not all(_fits(scope, use, item) for item in inputs):
        return FAULTY
    value, *others = inputs
    applied = _applied(scope, use, value, tuple(item.shape for item in others))
    if applied is FAULTY or not _agrees(scope, use, applied, value):
        return FAULTY
    if not fits_in_memory(applied.output, place, scope.problems):
        return FAULTY
    if layer.statistics != "batch" or layer.normalises(use.values):
        _check_norm(scope, use, value.shape)
    rank = len(value.shape.size)
    stated = _stated(layer, given, applied.inferred)
    apart = _patches(scope, layer) if layer.normalises(use.values) else 1
    leaf = Leaf(layer, stated, apart, rank)
    work = layer.all_work(leaf.values, value.shape, applied.output)
    spent = Cost(activations=applied.output.elements, work=work)
    root = value.root if leaf.shares_memory else None
    output = FlowValue(applied.output, root)
    return MadeLayer(leaf, held(layer, leaf.values, rank) + spent, output)


def uncalled_layer(
    scope: Scope,
    declaration: ModuleDeclaration,
    layer: LayerType,
    written: Mapping[str, Written],
    rank: int,
    image: Shape | None = None,
) -> UncalledLayer | Faulty:
    """A layer that is never called: what would be inferred has to be given.

    It is looked at with an input that it takes, of `rank` axes if it can. `image` is
    the network's input, where a layer may take the length of an axis from it.
    """
    given = check_arguments(scope, declaration, layer, written)
    if given is FAULTY:
        return FAULTY
    use = _LayerUse(declaration, layer, written, given)
    if image is not None:
        lengths = _lengths(scope, use, image)
        if lengths is FAULTY:
            return FAULTY
        use = replace(use, given={**lengths, **given})
    for argument in layer.arguments:
        if argument.inferred and argument.name not in use.given:
            scope.problems.error(
                "missing-argument",
                f"`{declaration.label}` is never called, so its "
                f"`{argument.name}` has to be given",
                declaration.place,
                "call it in `forward:`, or remove it; one that is to stay uncalled "
                f"gets `{argument.name}:` and `unused: true`",
            )
            return FAULTY
    if not _can_be(scope, use, FlowValue(_pretended_input(use, rank))):
        return FAULTY
    leaf = Leaf(layer, _stated(layer, use.given, {}), rank=rank)
    return UncalledLayer(leaf, held(layer, use.values, rank))


def _pretended_input(use: _LayerUse, rank: int) -> Shape:
    """An input that the given sizes fit, and every kernel."""
    layer = use.layer
    sizes = {
        argument.default: use.given[argument.name]
        for argument in layer.arguments
        if argument.inferred
    }
    channels, length = (sizes.get(key, _ANY_SIZE) for key in (CHANNELS, LENGTH))
    assert isinstance(channels, Term)
    assert isinstance(length, Term)
    if layer.ranks is not None and rank not in layer.ranks:
        rank = max(layer.ranks)
    return Shape(channels, (length,) * rank)


def check_arguments(
    scope: Scope,
    declaration: ModuleDeclaration,
    layer: LayerType,
    written: Mapping[str, Written],
) -> Given | Faulty:
    """The given arguments as terms."""
    missing = [
        Missing(argument.name, argument.kind.words)
        for argument in layer.arguments
        if argument.required and argument.name not in written
    ]
    complete = check_given(
        layer.name,
        written,
        layer.names,
        missing,
        declaration,
        scope.problems,
    )
    values: dict[str, Any] = {
        name: argument_value(
            name,
            item.node,
            layer.argument(name).kind,
            scope.environment,
            scope.problems,
        )
        for name, item in written.items()
        if name in layer.names
    }
    return values if complete and FAULTY not in values.values() else FAULTY


def _fits(scope: Scope, use: _LayerUse, value: FlowValue) -> bool:
    layer, rank = use.layer, len(value.shape.size)
    if layer.ranks is None or rank in layer.ranks:
        return True
    wanted = " or ".join(_FORMS[number] for number in sorted(layer.ranks))
    scope.problems.error(
        "shape-mismatch",
        f"`{layer.name}` takes {wanted}, and the input of `{use.declaration.label}` "
        f"is {value.shape}",
        use.declaration.type.place,
        _neighbour(layer, rank),
        *use.trace(value),
    )
    return False


def _applied(
    scope: Scope, use: _LayerUse, value: FlowValue, others: tuple[Shape, ...]
) -> _Applied | Faulty:
    layer, values = use.layer, use.values
    try:
        output = layer.shape(values, value.shape)
        return _Applied(output, layer.inferred(values, value.shape, others))
    except ShapeError as error:
        _complain(scope, use, error, value)
        return FAULTY


def _can_be(scope: Scope, use: _LayerUse, value: FlowValue) -> bool:
    """Whether a layer with these arguments can be, whatever it would be given."""
    try:
        use.layer.shape(use.values, value.shape)
    except NotFollowed:
        return True
    except ShapeError as error:
        _complain(scope, use, error, value)
        return False
    return True


def _lengths(scope: Scope, use: _LayerUse, image: Shape) -> Given | Faulty:
    """The lengths of the image's axes, by argument."""
    names = [
        argument.name
        for argument in use.layer.arguments
        if argument.default is LENGTH and argument.name not in use.given
    ]
    if not names:
        return {}
    try:
        inferred = use.layer.inferred(use.values, image)
    except ShapeError as error:
        _complain(scope, use, error, FlowValue(image))
        return FAULTY
    return {name: inferred[name] for name in names}


def _complain(
    scope: Scope, use: _LayerUse, error: ShapeError, value: FlowValue
) -> None:
    scope.problems.error(
        error.code,
        f"`{use.declaration.label}`: {error}",
        use.place_of(error.argument),
        error.help,
        *use.trace(value),
        cause=_cause(scope, use, error.argument, value),
    )


def _cause(
    scope: Scope, use: _LayerUse, argument: str | None, value: FlowValue
) -> Place | None:
    """What a user wrote that makes an argument wrong, if it is written elsewhere.

    That is the value of the parameter that it is. Inside a shipped block it is what the
    argument is computed from, and what it would have to divide.
    """
    written = use.written.get(argument or "")
    if written is not None:
        given = scope.environment.given(written.key.name, written.node)
        if given.place != written.node.place and not given.place.source.shipped:
            return given.place
    if not use.place_of(argument).source.shipped:
        return None
    dividends = [x.dividend for x in use.layer.multiples if x.divisor == argument]
    names = [argument or "", *dividends]
    nodes = [use.written[name].node for name in names if name in use.written]
    cause = scope.environment.cause(*nodes)
    if cause is not None or not dividends:
        return cause
    channels = value.shape.channels.expression
    return scope.environment.mendable(parameters(channels) if channels else ())


def _agrees(scope: Scope, use: _LayerUse, applied: _Applied, value: FlowValue) -> bool:
    """Whether what was given equals what follows from the input."""
    for name, inferred in applied.inferred.items():
        if name not in use.given:
            continue
        found = as_data(use.given[name])
        if found == inferred.value:
            remark_inferred(name, use.written[name], scope.problems)
            continue
        if use.layer.argument(name).default is LENGTH and _is_longer(found, inferred):
            # It serves every axis that is shorter.
            continue
        scope.problems.error(
            "shape-mismatch",
            f"`{name}` is {found} here, and the input "
            f"{value.shape} makes it {inferred.value}",
            use.place_of(name),
            f"remove `{name}`: it is inferred, or write {inferred.value}",
            *use.trace(value),
        )
        return False
    return True


def _is_longer(found: Datum, inferred: Term) -> bool:
    return isinstance(found, int) and found > inferred.number


def _check_norm(scope: Scope, use: _LayerUse, shape: Shape) -> None:
    """A norm with one value per channel and statistic fails in training."""
    layer, patches = use.layer, _patches(scope, use.layer) > 1
    alone = layer.statistics == "image" or (layer.statistics and patches)
    single = bool(shape.size) and all(axis.number == 1 for axis in shape.size)
    if alone and single:
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
    return scope.patches if layer.apart else 1


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
    assert layer.ranks is not None
    other = layer.instead.get(rank)
    if rank == 0:
        earlier = "call it before `mean()` or `flatten()`"
        return f"use `{other}`, or {earlier}" if other else earlier
    if layer.ranks == {0}:
        return "flatten it first: `mean()` or `flatten()`"
    return f"use `{other}`" if other else f"for them there is no `{layer.name}`"


def _stated(layer: LayerType, given: Given, inferred: Mapping[str, Term]) -> Given:
    """The arguments that the emitted call states: no defaults, constructor's order."""
    everything: Given = {**inferred, **given}
    return {
        argument.name: everything[argument.name]
        for argument in layer.arguments
        if argument.name in everything
        and not argument.is_default(everything[argument.name])
    }


def held(layer: LayerType, values: Values, rank: int) -> Cost:
    """What a layer holds: its tensors and modules."""
    tensors = layer.tensors(values, rank)
    buffers = sum(item.elements for item in tensors if item.role is Role.BUFFER)
    return Cost(
        parameters=sum(item.elements for item in tensors) - buffers,
        frozen=sum(item.elements for item in tensors if item.role is Role.FROZEN),
        buffers=buffers,
        modules=layer.modules(values, rank),
    )

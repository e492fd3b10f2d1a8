"""A layer of the catalog and its input -> the layer with every argument known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
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
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.records import Cost, Leaf
from medt_gen.resolve.environment import MISSING, argument_value
from medt_gen.resolve.scope import FlowValue, Scope, fits_in_memory
from medt_gen.spec.declarations import ModuleDeclaration, Written

# A never-called layer has no input: one this large fits every kernel.
_ANY_SIZE = 2**12

Arguments = dict[str, Written]


class Leaves:
    """Resolves the layers of one class."""

    def __init__(self, scope: Scope, problems: Problems) -> None:
        self.scope = scope
        self.problems = problems

    def resolve(
        self,
        declaration: ModuleDeclaration,
        layer: LayerType,
        given: Arguments,
        value: FlowValue,
        place: Place,
    ) -> tuple[Leaf | None, Cost, FlowValue]:
        """The layer called at `place` with `value`; no output shape after an error."""
        unknown = FlowValue(None)
        values = self.values(declaration, layer, given)
        if values is None or value.shape is None:
            return None, Cost(), unknown
        filled = self._filled(layer, values)
        if not self._fits(declaration, layer, value):
            return None, Cost(), unknown
        outcome = self._outcome(declaration, layer, given, filled, value)
        if outcome is None or not self._agrees(layer, given, values, outcome, value):
            return None, Cost(), unknown
        if not fits_in_memory(outcome.output, place, self.problems):
            return None, Cost(), unknown
        self._check_norm(declaration, layer, filled, value.shape)
        shares = layer.aliases or plain(filled.get("inplace")) is True
        output = FlowValue(outcome.output, value.root if shares else None, place)
        leaf = Leaf(
            layer,
            _written(layer, values, outcome),
            self._patches(layer),
            layer.origin == "layers" and len(value.shape.size) == 3,
        )
        return leaf, _cost(outcome), output

    def unused(
        self,
        declaration: ModuleDeclaration,
        layer: LayerType,
        given: Arguments,
        rank: int,
        lengths: Mapping[str, Term] | None = None,
    ) -> tuple[Leaf | None, Cost]:
        """A layer that is never called: what would be inferred has to be given.

        `lengths` are those of the axes by name, where attention may take its span from
        them.
        """
        values = self.values(declaration, layer, given)
        if values is None:
            return None, Cost()
        if lengths and "span" in layer.names:
            values.setdefault("span", lengths.get(str(plain(values["axis"]))))
        for argument in layer.arguments:
            if argument.default is INFERRED and argument.name not in values:
                self.problems.error(
                    "missing-argument",
                    f"`{declaration.label}` is never called, so its "
                    f"`{argument.name}` has to be given",
                    declaration.place,
                    f"add `{argument.name}:`, or call the module in `forward:`",
                )
                return None, Cost()
        shape = self._pretended_input(layer, values, rank)
        filled = self._filled(layer, values)
        outcome = self._outcome(
            declaration, layer, given, filled, FlowValue(shape), unfollowed=True
        )
        if outcome is None:
            return None, Cost()
        cost = replace(_cost(outcome), activations=0, work=0)
        volume = layer.origin == "layers" and rank == 3
        return Leaf(layer, _written(layer, values, outcome), volume=volume), cost

    def _pretended_input(
        self, layer: LayerType, values: dict[str, Any], rank: int
    ) -> Shape:
        leading = next((a.name for a in layer.arguments if a.default is INFERRED), None)
        channels = values[leading] if leading else constant(_ANY_SIZE)
        if layer.rank is not None and rank not in layer.rank:
            rank = max(layer.rank)
        axis = values.get("span", constant(_ANY_SIZE))
        return Shape(channels, (axis,) * rank)

    def values(
        self, declaration: ModuleDeclaration, layer: LayerType, given: Arguments
    ) -> dict[str, Any] | None:
        """The given arguments as terms; None after a complaint of one of them."""
        values: dict[str, Any] = {}
        for name, item in given.items():
            if name not in layer.names:
                unknown_argument(layer.name, item, layer.names, self.problems)
                values[name] = MISSING
                continue
            kind = layer.argument(name).kind
            values[name] = argument_value(
                name, item.node, kind, self.scope.environment, self.problems
            )
        for argument in layer.arguments:
            if argument.default is REQUIRED and argument.name not in given:
                self.problems.error(
                    "missing-argument",
                    f"`{layer.name}` needs `{argument.name}`",
                    declaration.type.place,
                    f"add `{argument.name}:`, {argument.kind.words}",
                )
                values[argument.name] = MISSING
        return None if MISSING in values.values() else values

    def _filled(self, layer: LayerType, values: dict[str, Any]) -> dict[str, Any]:
        defaults = {
            argument.name: _default(argument.default)
            for argument in layer.arguments
            if argument.default is not REQUIRED and argument.default is not INFERRED
        }
        return {**defaults, **values}

    def _fits(
        self, declaration: ModuleDeclaration, layer: LayerType, value: FlowValue
    ) -> bool:
        assert value.shape is not None
        rank = len(value.shape.size)
        if layer.rank is None or rank in layer.rank:
            return True
        wanted = " or ".join(_FORMS[number] for number in sorted(layer.rank))
        self.problems.error(
            "shape-mismatch",
            f"`{layer.name}` takes {wanted}, and the input of `{declaration.label}` "
            f"is {value.shape}",
            declaration.type.place,
            _neighbour(layer, rank),
            *_origin(value),
        )
        return False

    def _outcome(
        self,
        declaration: ModuleDeclaration,
        layer: LayerType,
        given: Arguments,
        filled: dict[str, Any],
        value: FlowValue,
        *,
        unfollowed: bool = False,
    ) -> Outcome | None:
        assert value.shape is not None
        try:
            return layer.rule(filled, value.shape)
        except ShapeError as error:
            if isinstance(error, NotFollowed) and unfollowed:
                return Outcome(value.shape, {}, parameters=error.parameters)
            place = declaration.type.place
            if error.argument in given:
                place = given[error.argument].node.place
            self.problems.error(
                error.code,
                f"`{declaration.label}`: {error}",
                place,
                error.help,
                *_origin(value),
            )
            return None

    def _agrees(
        self,
        layer: LayerType,
        given: Arguments,
        values: dict[str, Any],
        outcome: Outcome,
        value: FlowValue,
    ) -> bool:
        """Whether what was given equals what follows from the input."""
        for name, inferred in outcome.inferred.items():
            if name not in values:
                continue
            if plain(values[name]) == inferred.value:
                remark_inferred(name, given[name], self.problems)
                continue
            self.problems.error(
                "shape-mismatch",
                f"`{name}` is {plain(values[name])} here, and the input "
                f"{value.shape} makes it {inferred.value}",
                given[name].node.place,
                f"remove `{name}`: it is inferred, or write {inferred.value}",
                *_origin(value),
            )
            return False
        return True

    def _check_norm(
        self,
        declaration: ModuleDeclaration,
        layer: LayerType,
        filled: dict[str, Any],
        shape: Shape,
    ) -> None:
        """A norm with one value per channel and statistic fails in training."""
        alone = layer.name.startswith("InstanceNorm") or self._patches(layer) > 1
        single = bool(shape.size) and all(axis.number == 1 for axis in shape.size)
        if alone and single and (layer.normalises or layer.origin == "layers"):
            self.problems.error(
                "one-value-norm",
                f"`{declaration.label}` would normalise one value per channel: its "
                f"input is {shape}, and every "
                + ("patch" if self._patches(layer) > 1 else "image")
                + " has statistics of its own",
                declaration.place,
                "enlarge the input, use fewer strides or a coarser grid"
                + (", or `statistics: batch`" if self._patches(layer) > 1 else ""),
            )

    def _patches(self, layer: LayerType) -> int:
        aware = layer.name == "BatchNorm2d" or layer.origin == "layers"
        return self.scope.patches if aware else 1


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


def _origin(value: FlowValue) -> tuple[Note, ...]:
    if value.origin is None or value.shape is None:
        return ()
    return (Note(f"{value.shape} comes from here", value.origin),)


def _default(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(constant(item) for item in value)
    return constant(value)


def _written(
    layer: LayerType, values: dict[str, Any], outcome: Outcome
) -> dict[str, Any]:
    """The arguments that the emitted call states: no defaults, constructor's order."""
    written: dict[str, Any] = {}
    for argument in layer.arguments:
        name = argument.name
        if name in values:
            if not _is_default(values[name], argument.default):
                written[name] = values[name]
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

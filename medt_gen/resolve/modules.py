"""A module and the shape it is called with -> the module with every size known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from medt_gen.catalog.entries import LayerType, plain
from medt_gen.catalog.kinds import POSITIVE, Kind, accepts
from medt_gen.declarations import (
    ClassDeclaration,
    Declaration,
    Given,
    ParameterDeclaration,
    TypeReference,
)
from medt_gen.diagnostics import Place
from medt_gen.document import Key, Scalar
from medt_gen.document import Mapping as MappingNode
from medt_gen.expressions import Expression, substitute
from medt_gen.names import did_you_mean
from medt_gen.network import Cost, Group, Instance, Module, Use
from medt_gen.problems import Problems
from medt_gen.resolve.environment import (
    MISSING,
    argument_value,
    condition_holds,
    node_value,
)
from medt_gen.resolve.leaves import Leaves
from medt_gen.resolve.scope import Scope, Session, Value
from medt_gen.resolve.types import SEQUENTIAL, STAGE, Type
from medt_gen.terms import Shape, Term, axis_names, constant

Result = tuple[Module, Value]
UNKNOWN = Value(None)


class Maker(Protocol):
    """Makes an instance of a block; the step after this one."""

    def __call__(
        self,
        session: Session,
        declaration: ClassDeclaration,
        arguments: dict[str, Any],
        shape: Shape,
        patches: int,
    ) -> Instance | None: ...


class Modules:
    """Resolves the modules of one class."""

    def __init__(self, session: Session, scope: Scope, make: Maker) -> None:
        self.session = session
        self.scope = scope
        self.problems = session.problems
        self.make = make
        self.leaves = Leaves(scope, session.problems)

    def resolve(self, declaration: Declaration, value: Value, place: Place) -> Result:
        """The module, and what it makes of `value`; `place` is where it is called."""
        module, output = self._resolve(declaration, value, place)
        if output.shape is None or value.shape is None or module.body is None:
            return module, output
        return replace(module, shapes=(value.shape, output.shape)), output

    def _resolve(self, declaration: Declaration, value: Value, place: Place) -> Result:
        if not self.exists(declaration):
            return Module(declaration.name, declaration, None), value
        found = self.session.types.resolve(
            declaration.type, self.scope.environment, self.problems
        )
        if found is None:
            return _failed(declaration)
        arguments = {**found.arguments, **declaration.arguments}
        if found.type == SEQUENTIAL:
            return self._sequential(declaration, arguments, value, place)
        if found.type == STAGE:
            return self._stage(declaration, arguments, value, place)
        return self._single(declaration, found.type, arguments, value, place)

    def exists(self, declaration: Declaration) -> bool:
        """Whether the module's `when:` holds."""
        if declaration.when is None or declaration.when_place is None:
            return True
        return condition_holds(
            declaration.when,
            self.scope.environment,
            declaration.when_place,
            self.problems,
        )

    def works_in_place(self, declaration: Declaration) -> bool:
        """Whether calling the module changes its input."""
        quiet = Problems()
        found = self.session.types.resolve(
            declaration.type, self.scope.environment, quiet
        )
        if found is None or not isinstance(found.type, LayerType):
            return False
        given = {**found.arguments, **declaration.arguments}.get("inplace")
        if given is None or not self.exists(declaration):
            return False
        value = node_value(given.node, self.scope.environment, quiet)
        return value is not MISSING and plain(value) is True

    def checked(self, name: str, value: Any, kind: Kind, place: Place) -> Any:
        """An argument of an operation, MISSING when it is not of its kind."""
        if value is MISSING or accepts(kind, plain(value)):
            return value
        self.problems.error(
            "wrong-value", f"`{name}` must be {kind.words}, not {plain(value)}", place
        )
        return MISSING

    def unused(self, declaration: Declaration, rank: int) -> Module:
        """A module that is declared and never called."""
        found = self.session.types.resolve(
            declaration.type, self.scope.environment, self.problems
        )
        if not self.exists(declaration) or found is None:
            return Module(declaration.name, declaration, None)
        if not isinstance(found.type, LayerType):
            self.problems.error(
                "unused-module",
                f"`{declaration.name}` is never called, and only single layers can be",
                declaration.place,
                f"call `{declaration.name}` in `forward:`, or remove it",
            )
            return Module(declaration.name, declaration, None)
        arguments = {**found.arguments, **declaration.arguments}
        leaf, cost = self.leaves.unused(declaration, found.type, arguments, rank)
        return Module(declaration.name, declaration, leaf, cost)

    def _single(
        self,
        declaration: Declaration,
        kind: Type,
        arguments: dict[str, Given],
        value: Value,
        place: Place,
    ) -> Result:
        if isinstance(kind, LayerType):
            leaf, cost, output = self.leaves.resolve(
                declaration, kind, arguments, value, place
            )
            self._count(1, declaration)
            return Module(declaration.name, declaration, leaf, cost), output
        if isinstance(kind, ClassDeclaration):
            return self._block(declaration, kind, arguments, value, place)
        self.problems.error(
            "wrong-value", "a stage is made of a block or a layer", declaration.place
        )
        return _failed(declaration)

    def _count(self, more: int, declaration: Declaration) -> bool:
        self.session.modules += more
        return self.session.modules <= self.session.limits.modules

    def _sequential(
        self,
        declaration: Declaration,
        arguments: dict[str, Given],
        value: Value,
        place: Place,
    ) -> Result:
        for item in arguments.values():
            self.leaves.unknown_argument(SEQUENTIAL, item, ["modules"])
        return self._chain(declaration, declaration.children or (), value, place)

    def _chain(
        self,
        declaration: Declaration,
        children: tuple[Declaration, ...],
        value: Value,
        place: Place,
    ) -> Result:
        modules = []
        total = Cost(modules=1)
        for child in children:
            module, value = self.resolve(child, value, child.place)
            modules.append(module)
            total = total + module.cost
        output = replace(value, origin=place) if value.shape else value
        return Module(
            declaration.name, declaration, Group(tuple(modules)), total
        ), output

    def _stage(
        self,
        declaration: Declaration,
        arguments: dict[str, Given],
        value: Value,
        place: Place,
    ) -> Result:
        own = dict(arguments)
        block = self._stage_block(declaration, own.pop("block", None))
        depth = self._stage_depth(own.pop("depth", None))
        if block is None or depth is MISSING:
            return _failed(declaration)
        count = depth.number
        if self.session.modules + count > self.session.limits.modules:
            self.problems.error(
                "too-large",
                f"`{declaration.name}` is {count:,} blocks deep, and a network may have "
                f"{self.session.limits.modules:,} modules",
                declaration.place,
                "raise the limit with `--limit modules=N`",
            )
            return _failed(declaration)
        rest = {k: v for k, v in own.items() if k != "stride"}
        if not self._strided_by_default(block):
            one = Scalar(1, declaration.place)
            rest["stride"] = Given(Key("stride", declaration.place), one)
        children = tuple(
            Declaration(
                Key(str(index), declaration.key.place),
                block,
                rest if index else own,
                declaration.place,
            )
            for index in range(count)
        )
        return self._chain(declaration, children, value, place)

    def _stage_block(
        self, declaration: Declaration, given: Given | None
    ) -> TypeReference | None:
        if given is None:
            self.problems.error(
                "missing-argument",
                "`Stage` needs `block`",
                declaration.type.place,
                "add `block:`, the type that the stage repeats",
            )
            return None
        if isinstance(given.node, Scalar) and isinstance(given.node.value, str):
            return TypeReference(given.node.value, given.node.place)
        self.problems.error(
            "wrong-value", "`block` is the name of a block", given.node.place
        )
        return None

    def _stage_depth(self, given: Given | None) -> Any:
        if given is None:
            return constant(1)
        return argument_value(
            "depth", given.node, POSITIVE, self.scope.environment, self.problems
        )

    def _strided_by_default(self, block: TypeReference) -> bool:
        """Whether leaving `stride` out means stride 1 (or that there is none)."""
        quiet = Problems()
        found = self.session.types.resolve(block, self.scope.environment, quiet)
        if found is None or not isinstance(found.type, ClassDeclaration):
            return True
        declared = found.type.parameters.get("stride")
        if declared is None:
            return True
        return isinstance(declared.default, Scalar) and declared.default.value == 1

    def _block(
        self,
        declaration: Declaration,
        block: ClassDeclaration,
        given: dict[str, Given],
        value: Value,
        place: Place,
    ) -> Result:
        arguments = self._block_arguments(declaration, block, given)
        if arguments is None or value.shape is None:
            return _failed(declaration)
        if not self._channels_agree(given, value):
            return _failed(declaration)
        values = {**_defaults(block, self.problems), **arguments}
        instance = self.make(
            self.session, block, values, value.shape, self.scope.patches
        )
        if instance is None or instance.output is None:
            return _failed(declaration)
        outer = {**_terms(values), **_sizes(value.shape)}
        output = Value(
            _translated(instance.output, outer),
            value.root if instance.aliases_input else None,
            place,
        )
        module = Module(
            declaration.name,
            declaration,
            Use(instance, arguments, _sizes(value.shape)),
            instance.cost,
        )
        return module, output

    def _channels_agree(self, given: dict[str, Given], value: Value) -> bool:
        if "in_channels" not in given or value.shape is None:
            return True
        channels = argument_value(
            "in_channels",
            given["in_channels"].node,
            POSITIVE,
            self.scope.environment,
            self.problems,
        )
        actual = value.shape.channels.value
        if channels is MISSING or plain(channels) == actual:
            return channels is not MISSING
        self.problems.error(
            "shape-mismatch",
            f"`in_channels` is {plain(channels)} here, and the input is {value.shape}",
            given["in_channels"].node.place,
            "remove `in_channels`: it is inferred",
        )
        return False

    def _block_arguments(
        self, declaration: Declaration, block: ClassDeclaration, given: dict[str, Given]
    ) -> dict[str, Any] | None:
        found: dict[str, Any] = {}
        for name, item in given.items():
            if name == "in_channels":
                continue
            if name not in block.parameters:
                self.leaves.unknown_argument(block.name, item, list(block.parameters))
                found[name] = MISSING
                continue
            found[name] = self._block_argument(block.parameters[name], item)
        for name, parameter in block.parameters.items():
            if parameter.default is None and name not in given:
                self.problems.error(
                    "missing-argument",
                    f"`{block.name}` needs `{name}`",
                    declaration.type.place,
                    f"add `{name}:`, {_TYPE_WORDS.get(parameter.type, 'a value')}",
                )
                found[name] = MISSING
        return None if MISSING in found.values() else found

    def _block_argument(self, parameter: ParameterDeclaration, item: Given) -> Any:
        value = node_value(item.node, self.scope.environment, self.problems)
        if value is MISSING or _has_type(value, parameter.type):
            return value
        self.problems.error(
            "wrong-value",
            f"`{parameter.key.name}` must be {_TYPE_WORDS[parameter.type]}",
            item.node.place,
            did_you_mean(str(plain(value)), self.scope.environment, "$")
            if isinstance(value, Term) and isinstance(value.value, str)
            else None,
        )
        return MISSING


_TYPE_WORDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "name": "a name, or a module such as `{type: GroupNorm, num_groups: 4}`",
    "type": "a module type, such as `BatchNorm2d`",
    "list": "a list",
    "any": "a value",
}


def _has_type(value: Any, wanted: str) -> bool:
    if isinstance(value, MappingNode):
        return wanted in ("type", "name", "any")
    if isinstance(value, tuple):
        return wanted in ("list", "any")
    accepted: dict[str, tuple[type, ...]] = {
        "int": (int,),
        "float": (int, float),
        "bool": (bool,),
        "name": (str,),
        "type": (str,),
        "list": (),
        "any": (int, float, bool, str, type(None)),
    }
    plain_value = value.value
    if isinstance(plain_value, bool) and wanted in ("int", "float"):
        return False
    return isinstance(plain_value, accepted[wanted])


def _failed(declaration: Declaration) -> Result:
    return Module(declaration.name, declaration, None), UNKNOWN


def _defaults(block: ClassDeclaration, problems: Problems) -> dict[str, Any]:
    return {
        name: node_value(parameter.default, {}, problems)
        for name, parameter in block.parameters.items()
        if parameter.default is not None
    }


def _terms(values: dict[str, Any]) -> dict[str, Term]:
    return {name: item for name, item in values.items() if isinstance(item, Term)}


def _sizes(shape: Shape) -> dict[str, Term]:
    return {"in_channels": shape.channels, **size_terms(shape)}


def size_terms(shape: Shape) -> dict[str, Term]:
    """The axes of space by name."""
    return dict(zip(axis_names(len(shape.size)), shape.size, strict=True))


def _translated(shape: Shape, outer: dict[str, Term]) -> Shape:
    """A shape over the block's parameters as one over the enclosing class's."""
    known: dict[str, Expression] = {
        name: term.expression
        for name, term in outer.items()
        if term.expression is not None
    }

    def translate(term: Term) -> Term:
        if term.expression is None:
            return Term(term.value)
        return Term(term.value, substitute(term.expression, known))

    return Shape(translate(shape.channels), tuple(map(translate, shape.size)))

"""An operation of a pipe: its values, its arguments, and the shape that comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from medt_gen.algebra.expressions import Constant, Expression
from medt_gen.algebra.terms import constant
from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.entries import REQUIRED, OperationType, ShapeError, plain
from medt_gen.catalog.kinds import accepts
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.resolve.environment import MISSING, expression_term
from medt_gen.resolve.scope import UNKNOWN, FlowValue, Scope, fits_in_memory
from medt_gen.spec.pipes import FlowArgument, OperationCall

Read = Callable[[str, Place], FlowValue]
Outcome = tuple[FlowValue, Mapping[str, Any]]


class Operations:
    """Runs the operations of one flow; `read` gives a value by its name."""

    def __init__(self, scope: Scope, problems: Problems, read: Read) -> None:
        self.scope = scope
        self.problems = problems
        self.read = read

    def run(self, call: OperationCall, value: FlowValue) -> Outcome:
        """What the operation makes of `value`, and its arguments as terms."""
        operation = OPERATIONS.get(call.name)
        if operation is None:
            self._unknown(call)
            return UNKNOWN, {}
        others, rest = self._others(operation, call)
        given = self._given(operation, call, rest)
        if others is None or given is None or value.shape is None:
            return UNKNOWN, {}
        return self._applied(operation, call, [value, *others], given)

    def _applied(
        self,
        operation: OperationType,
        call: OperationCall,
        values: list[FlowValue],
        given: Mapping[str, Any],
    ) -> Outcome:
        shapes = [item.shape for item in values if item.shape is not None]
        if len(shapes) < len(values):
            return UNKNOWN, {}
        try:
            filled = _filled(operation, given)
            shape = operation.rule(filled, shapes[0], tuple(shapes[1:]))
        except ShapeError as error:
            self.problems.error(
                "shape-mismatch", str(error), call.place, error.help, *origins(values)
            )
            return UNKNOWN, {}
        if not fits_in_memory(shape, call.place, self.problems):
            return UNKNOWN, {}
        shares = operation.name == "flatten"
        return FlowValue(shape, values[0].root if shares else None, call.place), given

    def _unknown(self, call: OperationCall) -> None:
        declared = self.scope.declaration.module(call.name)
        self.problems.error(
            "unknown-operation",
            f"there is no operation `{shown(call.name)}()`",
            call.place,
            f"`{shown(call.name)}` is a module: write it without parentheses"
            if declared
            else did_you_mean(call.name, OPERATIONS),
        )

    def _others(
        self, operation: OperationType, call: OperationCall
    ) -> tuple[list[FlowValue] | None, list[FlowArgument]]:
        """The values among the arguments, and what is left."""
        least, most = operation.values
        if most == 0:
            return [], list(call.arguments)
        names = [item for item in call.arguments if item.keyword is None]
        rest = [item for item in call.arguments if item.keyword is not None]
        if len(names) < least or (most is not None and len(names) > most):
            wanted = "one value" if most == 1 else "at least one value"
            self.problems.error(
                "wrong-value",
                f"`{call.name}` takes {wanted}",
                call.place,
                f"write `{call.name}(name)` with the name of a pipe",
            )
            return None, rest
        return self._named_values(call.name, names), rest

    def _named_values(
        self, name: str, arguments: list[FlowArgument]
    ) -> list[FlowValue] | None:
        found = []
        for item in arguments:
            value = item.value.value if isinstance(item.value, Constant) else None
            if not isinstance(value, str):
                self.problems.error(
                    "wrong-value",
                    f"`{name}` takes the names of values",
                    item.place,
                    f"write `{name}(skip)`, with `skip` a pipe of this flow",
                )
                return None
            found.append(self.read(value, item.place))
        return found

    def _given(
        self, operation: OperationType, call: OperationCall, rest: list[FlowArgument]
    ) -> dict[str, Any] | None:
        known = operation.arguments
        names = [item.name for item in known]
        given: dict[str, Any] = {}
        for index, item in enumerate(rest):
            name = item.keyword
            if name is None and index < len(names):
                name = names[index]
            if name is None or name not in names or name in given:
                self._bad_argument(call, item, names)
                return None
            value = self._argument(name, operation, item)
            if value is MISSING:
                return None
            given[name] = value
        missing = [x for x in known if x.default is REQUIRED and x.name not in given]
        for argument in missing:
            self.problems.error(
                "missing-argument",
                f"`{call.name}` needs `{argument.name}`",
                call.place,
                f"add `{argument.name}=`, {argument.kind.words}",
            )
        return None if missing else given

    def _bad_argument(
        self, call: OperationCall, item: FlowArgument, known: list[str]
    ) -> None:
        name = item.keyword
        message = f"`{call.name}` takes no further argument"
        if name is not None:
            message = f"`{call.name}` has no argument `{shown(name)}`"
        if name in known:
            message = f"`{call.name}` gets `{name}` twice"
        fix = did_you_mean(name or "", known) if known else "remove it"
        self.problems.error("unknown-argument", message, item.place, fix)

    def _argument(self, name: str, operation: OperationType, item: FlowArgument) -> Any:
        kind = next(a.kind for a in operation.arguments if a.name == name)
        value: Any
        if isinstance(item.value, tuple):
            terms = [self._term(part, item.place) for part in item.value]
            value = MISSING if MISSING in terms else tuple(terms)
        else:
            value = self._term(item.value, item.place)
        if value is MISSING or accepts(kind, plain(value)):
            return value
        self.problems.error(
            "wrong-value",
            f"`{name}` must be {kind.words}, not {shown(str(plain(value)))}",
            item.place,
        )
        return MISSING

    def _term(self, expression: Expression, place: Place) -> Any:
        return expression_term(expression, self.scope.environment, place, self.problems)


def _filled(operation: OperationType, given: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {
        item.name: constant(item.default)
        for item in operation.arguments
        if item.default is not REQUIRED
    }
    return {**defaults, **given}


def origins(values: list[FlowValue]) -> tuple[Note, ...]:
    """Notes that say where the shapes of `values` come from."""
    return tuple(
        Note(f"{value.shape} comes from here", value.origin)
        for value in values
        if value.origin is not None and value.shape is not None
    )

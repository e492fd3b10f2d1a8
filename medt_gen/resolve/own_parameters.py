"""`type: Parameter`: tensors that a class holds itself, and that its flow reads.

In a flow such a tensor has as many axes as the value that it meets: a single number is
one for all, a list `[C]` has one for each channel.
"""

from __future__ import annotations

from collections.abc import Mapping

from medt_gen.algebra.terms import Shape, Term, constant
from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.containers import PARAMETER
from medt_gen.catalog.initial_values import INITIAL_VALUES
from medt_gen.catalog.kinds import TENSOR_SHAPE
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import shown
from medt_gen.network.records import Cost, Module, OwnParameter
from medt_gen.resolve.arguments import Missing, check_given
from medt_gen.resolve.environment import argument_value
from medt_gen.resolve.initial import known_value
from medt_gen.resolve.operations import given_in_call
from medt_gen.resolve.scope import FlowValue, Scope
from medt_gen.spec.declarations import ModuleDeclaration, Written
from medt_gen.spec.nodes import ScalarNode
from medt_gen.spec.pipes import FlowError, parse_call

SHAPE, INIT = "shape", "init"
TAKING = tuple(name for name, item in OPERATIONS.items() if item.takes_parameters)
"""The operations that take a Parameter as their other value."""


def is_parameter(declaration: ModuleDeclaration) -> bool:
    """Whether what stands under `modules:` is a tensor of the class."""
    return declaration.type.text == PARAMETER


def own_parameters_of(scope: Scope) -> dict[str, Module | Faulty]:
    """The Parameters of a class by name, FAULTY after a complaint."""
    return {
        declaration.name: own_parameter(scope, declaration)
        for declaration in scope.declaration.modules
        if is_parameter(declaration)
    }


def own_parameter(scope: Scope, declaration: ModuleDeclaration) -> Module | Faulty:
    """The tensor that is declared; FAULTY after a complaint."""
    given = declaration.arguments
    missing = [
        Missing(name, words) for name, words in _WORDS.items() if name not in given
    ]
    whole = check_given(PARAMETER, given, _WORDS, missing, declaration, scope.problems)
    if declaration.when is not None:
        _refuse_condition(scope, declaration, declaration.when.place)
        return FAULTY
    if not whole:
        return FAULTY
    node = given[SHAPE].node
    shape = argument_value(SHAPE, node, TENSOR_SHAPE, scope.environment, scope.problems)
    body = _filled(scope, given[INIT], shape)
    if body is FAULTY:
        return FAULTY
    held = Cost(parameters=_elements(body.numbers))
    return Module(declaration.name, declaration, body, held)


_WORDS: Mapping[str, str] = {
    SHAPE: TENSOR_SHAPE.words,
    INIT: "such as `zeros()` or `normal(std=0.02)`",
}


def _refuse_condition(
    scope: Scope, declaration: ModuleDeclaration, place: Place
) -> None:
    scope.problems.error(
        "wrong-form",
        f"`{declaration.label}` has a `when:`, and a Parameter is always there",
        place,
        "remove `when:`, or make two blocks",
    )


def _elements(numbers: tuple[int, ...]) -> int:
    count = 1
    for number in numbers:
        count *= number
    return count


def _filled(
    scope: Scope, given: Written, shape: tuple[Term, ...] | Faulty
) -> OwnParameter | Faulty:
    node = given.node
    text = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(node, ScalarNode) or not isinstance(text, str):
        scope.problems.error(
            "wrong-form",
            "`init` of a Parameter is a call such as `zeros()`",
            node.place,
            "write a function of `torch.nn.init`, without its underscore",
        )
        return FAULTY
    try:
        call = parse_call(node)
    except FlowError as error:
        scope.problems.error("pipe-syntax", shown(str(error)), error.place, error.help)
        return FAULTY
    value = known_value(scope, call)
    arguments = (
        FAULTY if value is FAULTY else given_in_call(scope, value, call, call.arguments)
    )
    if value is FAULTY or arguments is FAULTY or shape is FAULTY:
        return FAULTY
    least, most = INITIAL_VALUES[value.name].axes
    if not least <= len(shape) <= most:
        scope.problems.error(
            "wrong-value",
            f"`{value.name}()` fills tensors of {least} axes or more, and this has "
            f"{len(shape)}",
            call.place,
            "use `zeros()`, `ones()`, `constant(...)`, `normal(...)` or `uniform(...)`",
        )
        return FAULTY
    return OwnParameter(shape, value, arguments)


def as_value(
    scope: Scope, body: OwnParameter, label: str, rank: int, place: Place
) -> FlowValue | Faulty:
    """What a Parameter is for a value with `rank` axes of space."""
    shape = _shape_at(body, rank)
    if shape is None:
        scope.problems.error(
            "shape-mismatch",
            f"`{label}` has the shape {list(body.numbers)}, which fits no value of "
            f"{rank} axes of space",
            place,
            "give it the shape `[]`, `[C]`, `[1, C, 1, 1]` or `[1, C, H, W]`",
        )
        return FAULTY
    return FlowValue(shape, label)


def _shape_at(body: OwnParameter, rank: int) -> Shape | None:
    dims = body.shape
    ones = (constant(1),) * rank
    if len(dims) == 0 or body.numbers == (1,):
        return Shape(constant(1), ones)
    if len(dims) == 1:
        return Shape(dims[0], ones)
    if len(dims) == rank + 2 and dims[0].number == 1:
        return Shape(dims[1], dims[2:])
    if len(dims) == rank + 1 and rank:
        return Shape(dims[0], dims[1:])
    return None

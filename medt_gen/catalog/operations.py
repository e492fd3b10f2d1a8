"""The operations that a pipe may use: those without weights and without a name."""

from __future__ import annotations

from medt_gen.algebra.python import PythonCall, PythonCode, PythonKeyword
from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Values, leading
from medt_gen.catalog.entries import Operand, OperationType
from medt_gen.catalog.operations_space import ON_SPACE
from medt_gen.catalog.operations_values import ON_VALUES, Others


def _same(values: Values, shape: Shape, others: Others) -> Shape:
    return shape


def _function(
    name: str, summary: str, function: str, *arguments: PythonCode
) -> OperationType:
    """An operation on each value by itself."""

    def code(operand: Operand) -> PythonCode:
        return PythonCall(function, (operand.value, *arguments))

    return OperationType(name, summary, _same, code)


def _leaky_relu_code(operand: Operand) -> PythonCode:
    slope = operand.given.get("negative_slope", "0.01")
    return PythonCall("F.leaky_relu", (operand.value, slope))


_LEAKY_RELU = OperationType(
    "leaky_relu",
    "x, or x times the slope below 0",
    _same,
    _leaky_relu_code,
    (leading("negative_slope", kinds.NUMBER, 0.01),),
)

_FUNCTIONS = (
    _function("relu", "max(x, 0)", "F.relu"),
    _function("gelu", "Gaussian error linear unit", "F.gelu"),
    _function("silu", "x * sigmoid(x)", "F.silu"),
    _function("sigmoid", "1 / (1 + exp(-x))", "torch.sigmoid"),
    _function("tanh", "hyperbolic tangent", "torch.tanh"),
    _LEAKY_RELU,
    _function(
        "softmax", "over the channels", "torch.softmax", PythonKeyword("dim", "1")
    ),
)

OPERATIONS: dict[str, OperationType] = {
    item.name: item for item in (*ON_VALUES, *ON_SPACE, *_FUNCTIONS)
}

"""What a tensor can be set to when it is made: functions of `torch.nn.init`.

They are called by torch's names without the underscore, and take torch's arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, leading


@dataclass(frozen=True)
class InitialValue:
    """A function that fills a tensor.

    `axes` are the least and the most axes of a tensor that it fills.
    """

    name: str
    says: str
    arguments: tuple[Argument, ...] = ()
    axes: tuple[int, int] = (0, 8)

    @property
    def function(self) -> str:
        """The function as emitted code calls it."""
        return f"nn.init.{self.name}_"

    @property
    def names(self) -> tuple[str, ...]:
        """The argument names, in torch's order."""
        return tuple(argument.name for argument in self.arguments)

    def argument(self, name: str) -> Argument:
        """The argument called `name`."""
        return next(item for item in self.arguments if item.name == name)


_MATRIX = (2, 8)
_GAIN = Argument("gain", kinds.NUMBER, 1.0)
_KAIMING = (
    Argument("a", kinds.NUMBER, 0),
    Argument("mode", kinds.choice("fan_in", "fan_out"), "fan_in"),
    Argument(
        "nonlinearity",
        kinds.choice("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"),
        "leaky_relu",
    ),
)

_ALL = (
    InitialValue("zeros", "Zeros."),
    InitialValue("ones", "Ones."),
    InitialValue("constant", "One number.", (leading("val", kinds.NUMBER),)),
    InitialValue(
        "normal",
        "Normally distributed.",
        (Argument("mean", kinds.NUMBER, 0.0), Argument("std", kinds.NUMBER, 1.0)),
    ),
    InitialValue(
        "uniform",
        "Uniformly distributed between two numbers.",
        (Argument("a", kinds.NUMBER, 0.0), Argument("b", kinds.NUMBER, 1.0)),
    ),
    InitialValue(
        "trunc_normal",
        "Normally distributed, redrawn outside of two numbers.",
        (
            Argument("mean", kinds.NUMBER, 0.0),
            Argument("std", kinds.NUMBER, 1.0),
            Argument("a", kinds.NUMBER, -2.0),
            Argument("b", kinds.NUMBER, 2.0),
        ),
    ),
    InitialValue(
        "xavier_uniform", "Glorot and Bengio 2010, uniform.", (_GAIN,), _MATRIX
    ),
    InitialValue("xavier_normal", "Glorot and Bengio 2010, normal.", (_GAIN,), _MATRIX),
    InitialValue(
        "kaiming_uniform", "He et al., arXiv:1502.01852, uniform.", _KAIMING, _MATRIX
    ),
    InitialValue(
        "kaiming_normal", "He et al., arXiv:1502.01852, normal.", _KAIMING, _MATRIX
    ),
    InitialValue("orthogonal", "Saxe et al., arXiv:1312.6120.", (_GAIN,), _MATRIX),
    InitialValue(
        "dirac",
        "The identity of as many channels as there are.",
        (Argument("groups", kinds.POSITIVE, 1),),
        (3, 5),
    ),
    InitialValue("eye", "The identity matrix.", (), (2, 2)),
    InitialValue(
        "sparse",
        "Normally distributed, a share of each column zero.",
        (
            Argument("sparsity", kinds.PROBABILITY),
            Argument("std", kinds.NUMBER, 0.01),
        ),
        (2, 2),
    ),
)

INITIAL_VALUES: Mapping[str, InitialValue] = {item.name: item for item in _ALL}

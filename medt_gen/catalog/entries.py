"""The records that the catalog consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from medt_gen.algebra.terms import Shape, Term, constant
from medt_gen.catalog.kinds import Kind
from medt_gen.messages.codes import Code


class Mark(Enum):
    """What stands in place of a default."""

    REQUIRED = "required"
    INFERRED = "inferred"


REQUIRED = Mark.REQUIRED
INFERRED = Mark.INFERRED

Given = Mapping[str, Any]


class ShapeError(ValueError):
    """A layer that can't take its input; `argument` is the one to blame, if any."""

    code: Code = "shape-mismatch"

    def __init__(
        self, message: str, help: str | None = None, argument: str | None = None
    ) -> None:
        super().__init__(message)
        self.help = help
        self.argument = argument


class WrongArguments(ShapeError):
    """Arguments that torch's constructor refuses together, whatever the input."""

    code: Code = "wrong-value"


class NotFollowed(ShapeError):
    """A layer that can't follow this input; with another, or with none, it may exist.

    `parameters` is how many it holds.
    """

    def __init__(
        self,
        message: str,
        help: str | None = None,
        argument: str | None = None,
        parameters: int = 0,
    ) -> None:
        super().__init__(message, help, argument)
        self.parameters = parameters


@dataclass(frozen=True)
class Argument:
    """An argument of a constructor, by torch's own name.

    An INFERRED argument follows from the input: the layer's rule gives it.
    """

    name: str
    kind: Kind
    default: Any = REQUIRED
    positional: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a layer does to an input: its output, and the arguments it inferred.

    `modules` is how many modules it consists of, itself included.
    """

    output: Shape
    inferred: Mapping[str, Term]
    parameters: int = 0
    frozen: int = 0
    buffers: int = 0
    work: int = 0
    modules: int = 1


Rule = Callable[[Given, Shape], Outcome]
Inference = Callable[[Given], "Mapping[str, Term]"]


@dataclass(frozen=True)
class LayerType:
    """A type that a module may have: its arguments and what it does to a shape.

    `rank` is the number of axes of space that it takes, None for any; `instead` names
    the layers that do the like to inputs of other ranks. `origin` is the import of its
    class: `nn` or `layers`. `aliases` says that the output may share the memory of the
    input, `weighty` that it mixes values: a statement of its own when emitted.
    """

    name: str
    arguments: tuple[Argument, ...]
    rule: Rule
    rank: frozenset[int] | None = None
    origin: str = "nn"
    normalises: bool = False
    aliases: bool = False
    weighty: bool = False
    instead: Mapping[int, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The argument names, in the constructor's order."""
        return tuple(argument.name for argument in self.arguments)

    def argument(self, name: str) -> Argument:
        """The argument called `name`."""
        return next(item for item in self.arguments if item.name == name)


@dataclass(frozen=True)
class OperationType:
    """An operation of `forward:`; `values` says how many tensors it takes besides."""

    name: str
    arguments: tuple[Argument, ...]
    rule: Callable[[Given, Shape, tuple[Shape, ...]], Shape]
    values: tuple[int, int | None] = (0, 0)
    summary: str = ""


def on_axes(value: Any, rank: int, argument: str) -> tuple[Term, ...]:
    """`value` once for each of `rank` axes; lists must have that length."""
    if not isinstance(value, tuple):
        return (as_term(value),) * rank
    if len(value) != rank:
        raise ShapeError(
            f"`{argument}` lists {len(value)} values and the input has {rank} axes",
            f"give one value, or a list of {rank}",
            argument,
        )
    return tuple(as_term(item) for item in value)


def as_term(value: Any) -> Term:
    """A term as it is, a plain value as a constant."""
    return value if isinstance(value, Term) else constant(value)


def plain(value: Any) -> Any:
    """Terms and tuples of terms as plain data."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Term) else value

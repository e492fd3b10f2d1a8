"""What is known while one class is being resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from medt_gen.algebra.expressions import LARGEST
from medt_gen.algebra.terms import Shape
from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place
from medt_gen.messages.problems import Problems
from medt_gen.network.records import Module
from medt_gen.resolve.types import Types
from medt_gen.resolve.weights import Weights
from medt_gen.spec.declarations import ClassDeclaration

_MOST_STEPS = 200_000
_DEEPEST = 40


@dataclass(frozen=True)
class Limits:
    """Budgets: what a network may hold before it is refused, all by arithmetic."""

    modules: int = 100_000
    parameters: int = 2_000_000_000
    buffers: int = 2_000_000_000
    activations: int = 20_000_000_000


@dataclass(frozen=True)
class FlowValue:
    """A tensor on its way: its shape, None after an error, and what it may alias.

    `root` is the named value whose memory this may share; None for a fresh tensor.
    `origin` is the place that explains its shape.
    """

    shape: Shape | None
    root: str | None = None
    origin: Place | None = None


UNKNOWN = FlowValue(None)


@dataclass
class Called:
    """A module that has been called: what it was resolved to, and how often."""

    module: Module
    shape: Shape
    output: FlowValue
    place: Place
    calls: int
    patches: int


@dataclass
class Scope:
    """One class being resolved: its declaration, parameters and calls so far.

    `failed` names the modules that were called with an unknown shape; `incomplete` says
    that not all of the flow could run, so that more modules may have been meant.
    """

    declaration: ClassDeclaration
    environment: Mapping[str, Any]
    patches: int = 1
    called: dict[str, Called] = field(default_factory=dict)
    repeats: int = 1
    mixed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    incomplete: bool = False


@dataclass
class Session:
    """One resolution: what all classes of a network share."""

    types: Types
    problems: Problems
    limits: Limits
    depth: int = 0
    instances: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)
    weights: Weights = field(default_factory=Weights)
    steps: int = 0

    @contextmanager
    def deeper(self, place: Place) -> Iterator[None]:
        """One level further in; raises InvalidInput when it goes too deep."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self._give_up(
                "too-deep",
                f"modules and patches are nested more than {_DEEPEST} deep",
                place,
                "nest less: a network of that depth can't be printed in a readable way",
            )
        yield
        self.depth -= 1

    def take_step(self, place: Place) -> None:
        """Count a step of the work; raises InvalidInput when there are too many."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            self._give_up(
                "too-large",
                f"the spec takes more than {_MOST_STEPS:,} steps to work out",
                place,
                "use fewer modules, or call them with equal shapes",
            )

    def _give_up(self, code: Code, message: str, place: Place, help: str) -> NoReturn:
        last = Diagnostic(code, message, place, help)
        raise InvalidInput(*self.problems.in_order(), last)


def fits_in_memory(shape: Shape, place: Place, problems: Problems) -> bool:
    """Whether the elements of one value can be counted in 64 bits."""
    if shape.elements <= LARGEST:
        return True
    problems.error(
        "too-large",
        "this value would have more than 2^63 elements",
        place,
        "make the input, the channels or the factors smaller",
    )
    return False

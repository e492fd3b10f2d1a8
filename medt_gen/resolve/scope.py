"""What one resolution shares, and the scope in which a module is resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from medt_gen.algebra.expressions import LARGEST
from medt_gen.algebra.terms import Shape
from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place
from medt_gen.messages.faulty import Faulty
from medt_gen.messages.problems import Problems
from medt_gen.network.records import Instance
from medt_gen.resolve.environment import Environment
from medt_gen.resolve.trails import Trail
from medt_gen.resolve.types import Types
from medt_gen.resolve.weights import Weights
from medt_gen.spec.declarations import ClassDeclaration

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
    """A tensor on its way: its shape, what it may alias, and how it came about.

    `root` is the named value whose memory this may share; None for a fresh tensor.
    """

    shape: Shape
    root: str | None = None
    trail: Trail | None = None

    def through(self, text: str, place: Place, before: Trail | None) -> FlowValue:
        """The same as what the step `text` made of a value with the trail `before`."""
        return replace(self, trail=Trail(text, self.shape, place, before))


@dataclass(frozen=True)
class BlockUse:
    """A block with the arguments and the inputs of one use.

    `arguments` are the values of all parameters.
    """

    block: ClassDeclaration
    arguments: Environment
    inputs: tuple[FlowValue, ...]


@dataclass
class StepCount:
    """The steps that resolving has taken, and the most that it may take."""

    most: int = 200_000
    taken: int = 0


@dataclass
class Session:
    """One resolution: what all classes of a network share.

    `make` gives the instance of a block for one use; it is made once for equal uses.
    """

    types: Types
    limits: Limits
    make: Callable[[BlockUse, Scope], Instance | Faulty]
    instances: dict[tuple[Any, ...], Instance | Faulty] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    count: StepCount = field(default_factory=StepCount)


@dataclass(frozen=True)
class Scope:
    """Where a module is resolved: the class around it, and how one gets there.

    patches: how many patches of an image share a call, each normalised alone
    repeats: how often one forward pass of the class comes here
    depth: how many modules and patch steps are around it
    blocks: the blocks around it, by reference, the innermost last
    problems: where to complain; it notes the uses of blocks that lead here
    """

    session: Session
    declaration: ClassDeclaration
    environment: Environment
    problems: Problems
    patches: int = 1
    repeats: int = 1
    depth: int = 0
    blocks: tuple[str, ...] = ()

    def deeper(self, place: Place) -> Scope:
        """One level further in; raises InvalidInput when it goes too deep."""
        if self.depth >= _DEEPEST:
            self._give_up(
                "too-deep",
                f"modules and patches are nested more than {_DEEPEST} deep",
                place,
                "nest less: a network of that depth can't be printed in a readable way",
            )
        return replace(self, depth=self.depth + 1)

    def take_step(self, place: Place) -> None:
        """Count a step of the work; raises InvalidInput when there are too many."""
        count = self.session.count
        count.taken += 1
        if count.taken > count.most:
            self._give_up(
                "too-large",
                f"the spec takes more than {count.most:,} steps to work out",
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

"""Why a layer or an operation can't be: raised by rules, placed by the resolver."""

from __future__ import annotations

from medt_gen.messages.codes import Code


class ShapeError(ValueError):
    """It can't take its input; `argument` is the one to blame, if any."""

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
    """It can't take this input; with another, or with none, it may exist."""


def outside_flows(name: str, takes: str) -> NotFollowed:
    """Why a layer whose inputs no flow has is not called."""
    return NotFollowed(
        f"{name} takes {takes}, and a flow has none",
        "mark it `unused: true`, or describe the network without a `forward:`",
    )


def dividing(count: int, near: int) -> str:
    """The numbers that divide `count`, the six nearest to `near`."""
    working = sorted(
        (n for n in range(1, min(count, 65_536) + 1) if count % n == 0),
        key=lambda n: abs(n - near),
    )
    return ", ".join(map(str, sorted(working[:6])))

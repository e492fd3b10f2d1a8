"""How a pipe becomes statements: pieces are packed, as many to a line as read well."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from medt_gen.algebra.python import PythonCode
from medt_gen.emitter.code import flat


@dataclass(frozen=True)
class Piece:
    """One step of a pipe: what it makes of the expression before it.

    shape: of its result, as a comment shows it
    weighty: it is one of the steps of which a statement has one
    alone: it can't be nested: it reads the value before it more than once
    calls: the module that it calls, if any
    """

    wrap: Callable[[PythonCode], PythonCode]
    shape: str
    weighty: bool = False
    alone: bool = False
    calls: str | None = None


@dataclass(frozen=True)
class Statement:
    """`target = code`; `shape` is that of the target behind it."""

    target: str
    code: PythonCode
    shape: str
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Pending:
    """A statement that may still grow."""

    code: PythonCode
    shape: str
    weighty: bool = False
    calls: tuple[str, ...] = ()
    pieces: int = 0


def packed(
    target: str, start: str, shape: str, pieces: Iterable[Piece], room: int
) -> list[Statement]:
    """The statements of a pipe that starts with the variable `start`.

    A statement ends before a second weighty piece, before one for which `room` leaves
    no place, and around one that stands alone. `shape` is that of `start`.
    """
    done: list[Statement] = []
    pending = _Pending(start, shape)
    for piece in pieces:
        if _ends(target, pending, piece, room):
            done.append(_finished(target, pending))
            pending = _Pending(target, pending.shape)
        pending = _extended(pending, piece)
        if piece.alone:
            done.append(_finished(target, pending))
            pending = _Pending(target, pending.shape)
    if pending.pieces or not done:
        done.append(_finished(target, pending))
    return done


def _ends(target: str, pending: _Pending, piece: Piece, room: int) -> bool:
    """Whether the statement so far is whole before this piece."""
    if not pending.pieces:
        return False
    if piece.alone or (pending.weighty and piece.weighty):
        return True
    return len(f"{target}: Tensor = {flat(piece.wrap(pending.code))}") > room


def _extended(pending: _Pending, piece: Piece) -> _Pending:
    calls = () if piece.calls is None else (piece.calls,)
    return _Pending(
        piece.wrap(pending.code),
        piece.shape,
        pending.weighty or piece.weighty,
        (*pending.calls, *calls),
        pending.pieces + 1,
    )


def _finished(target: str, pending: _Pending) -> Statement:
    return Statement(target, pending.code, pending.shape, pending.calls)

"""A stored description of a model, for regression tests: its printout and its state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medt_gen.files.writing import write_text
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printouts.addresses import masked
from medt_gen.printouts.compare import compare
from medt_gen.printouts.document import parse
from medt_gen.printouts.regression.live import State, Stateful, describe_state
from medt_gen.printouts.report import as_lines
from medt_gen.printouts.tree import Node

MOST_LINES = 60

_KINDS = ("parameters", "buffers")


@dataclass(frozen=True)
class Description:
    """What a model prints, and the parameters and buffers that a printout hides."""

    text: str
    state: State


def describe(model: Stateful) -> Description:
    """Describe a living model."""
    return Description(repr(model), describe_state(model))


@dataclass(frozen=True)
class Reference:
    """The files of one reference: the printout at `path`, the state in a .json beside.

    Attributes:
        path: the printout's file.
        exact: count defaults that torch versions print differently.
    """

    path: Path
    exact: bool = False

    @property
    def state_path(self) -> Path:
        """The file of parameters and buffers."""
        return self.path.with_name(f"{self.path.name}.json")

    def problem(self, found: Description) -> str | None:
        """Why a model is not the stored one, by path; None where it is."""
        known = self._read()
        if isinstance(known, str):
            return known
        tree = list(_tree_lines(known.text, found.text, self.exact))
        state = list(_state_lines(known.state, found.state))
        if not tree and not state:
            return None
        same = "the printout is the same; only what it hides changed:"
        lines = [*tree, *(state if tree else [same, *state])] if state else tree
        return "\n".join(
            [
                f"the model differs from {self.path.name} (left: stored, right: now)",
                *(f"  {line}" for line in _shortened(lines)),
                "  if that is meant: pytest --update-printouts",
            ]
        )

    def update(self, found: Description) -> None:
        """Write what was found, unless the files say it already."""
        if self.problem(found) is None:
            return
        state = json.dumps(found.state, indent=1, ensure_ascii=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_text(self.path, f"{found.text}\n")
        write_text(self.state_path, f"{state}\n")

    def _read(self) -> Description | str:
        """The stored description, or what is wrong with it."""
        for path in (self.path, self.state_path):
            if not path.is_file():
                return f"no reference {path}: write it with pytest --update-printouts"
        try:
            text = self.path.read_text(encoding="utf-8").removesuffix("\n")
            return Description(text, _as_state(self.state_path))
        except (OSError, ValueError) as error:
            return f"the reference {self.path} can't be read: {error}"


def _as_state(path: Path) -> State:
    state = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(state, dict) or set(state) != set(_KINDS):
        raise ValueError(f"{path.name} must hold parameters and buffers")
    if not all(isinstance(state[kind], dict) for kind in _KINDS):
        raise ValueError(f"{path.name} must map names to descriptions")
    return {kind: dict(state[kind]) for kind in _KINDS}


def _tree_lines(known: str, found: str, exact: bool) -> Iterator[str]:
    left, right = _tree(known), _tree(found)
    if left is not None and right is not None:
        yield from as_lines(compare(left, right, exact=exact))
    elif masked(known) != masked(found):
        # a model that prints itself in its own way has no tree to compare
        yield from _first_other_line(masked(known), masked(found))


def _tree(text: str) -> Node | None:
    try:
        return parse(text)
    except InvalidInput:
        return None


def _first_other_line(known: str, found: str) -> Iterator[str]:
    left, right = known.split("\n"), found.split("\n")
    for number, (old, new) in enumerate(zip(left, right, strict=False), 1):
        if old != new:
            yield f"line {number}: {old} -> {new}"
            return
    yield f"{len(left)} lines -> {len(right)} lines"


def _state_lines(known: State, found: State) -> Iterator[str]:
    for kind in _KINDS:
        left, right = known[kind], found[kind]
        word = kind.removesuffix("s")
        for name in {**left, **right}:
            old, new = left.get(name, "none"), right.get(name, "none")
            if old != new:
                yield f"{name}: {word} {old} -> {new}"
        if left != right or list(left) == list(right):
            continue
        yield f"the {kind} are the same in another order"


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} lines more"]

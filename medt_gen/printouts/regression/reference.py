"""A stored description of a model, for regression tests: its printout and its state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from medt_gen.files.writing import write_text
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printouts.addresses import masked
from medt_gen.printouts.compare import compare
from medt_gen.printouts.document import Printout, find, pick
from medt_gen.printouts.regression.live import HeldTensors, Stateful, held_tensors
from medt_gen.printouts.report import as_lines

MOST_LINES = 60


@dataclass(frozen=True)
class Snapshot:
    """What a model prints, and the parameters and buffers that a printout hides."""

    text: str
    tensors: HeldTensors


class UnusableReferenceError(ValueError):
    """A stored snapshot that is not there, or not readable; the message says which."""


def snapshot(model: Stateful) -> Snapshot:
    """What a living model is now."""
    # Not repr: a traced graph adds its code to what is printed.
    return Snapshot(str(model), held_tensors(model))


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
    def tensors_path(self) -> Path:
        """The file of parameters and buffers."""
        return self.path.with_name(f"{self.path.name}.json")

    def problem(self, found: Snapshot) -> str | None:
        """Why a model is not the stored one, by path; None where it is."""
        try:
            known = self._stored()
        except UnusableReferenceError as error:
            return str(error)
        tree = list(_tree_lines(known.text, found.text, exact=self.exact))
        hidden = list(_tensor_lines(known.tensors, found.tensors))
        if not tree and not hidden:
            return None
        same = "the printout is the same; only what it hides changed:"
        lines = [*tree, *hidden] if tree else [same, *hidden]
        return "\n".join(
            [
                f"the model differs from {self.path.name} (left: stored, right: now)",
                *(f"  {line}" for line in _shortened(lines)),
                "  if that is meant: pytest --update-printouts",
            ]
        )

    def update(self, found: Snapshot) -> None:
        """Write what was found, unless the files say it already."""
        if self.is_fresh(found):
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for path, text in self.texts(found).items():
            write_text(path, text)

    def is_fresh(self, found: Snapshot) -> bool:
        """Whether the files say what was found, and all that is kept today."""
        if self.problem(found) is not None:
            return False
        known = self._stored()
        tree, new = _printout(known.text), _printout(found.text)
        lacks_code = bool(new and new.code and tree and not tree.code)
        kept = known.tensors.shared is not None and known.tensors.state is not None
        return kept and not lacks_code

    def texts(self, found: Snapshot) -> dict[Path, str]:
        """What the two files hold of what was found."""
        tensors = json.dumps(asdict(found.tensors), indent=1, ensure_ascii=False)
        return {self.path: f"{found.text}\n", self.tensors_path: f"{tensors}\n"}

    def _stored(self) -> Snapshot:
        for path in (self.path, self.tensors_path):
            if not path.is_file():
                raise UnusableReferenceError(
                    f"no reference {path}: write it with pytest --update-printouts"
                )
        try:
            text = self.path.read_text(encoding="utf-8").removesuffix("\n")
            return Snapshot(text, _stored_tensors(self.tensors_path))
        except (OSError, ValueError) as error:
            raise UnusableReferenceError(
                f"the reference {self.path} can't be read: {error}"
            ) from None


def _stored_tensors(path: Path) -> HeldTensors:
    stored = json.loads(path.read_text(encoding="utf-8"))
    kinds = {field.name for field in fields(HeldTensors)}
    needed = {"parameters", "buffers"}
    if not isinstance(stored, dict) or not needed <= set(stored) <= kinds:
        raise ValueError(f"{path.name} must hold parameters and buffers")
    if not all(isinstance(names, dict) for names in stored.values()):
        raise ValueError(f"{path.name} must map names to descriptions")
    return HeldTensors(**stored)


def _tree_lines(known: str, found: str, *, exact: bool) -> Iterator[str]:
    left, right = _printout(known), _printout(found)
    if left is not None and right is not None:
        yield from as_lines(compare(left.tree, right.tree, exact=exact))
        # A traced graph prints its code behind its tree.
        if left.code:
            for line in _first_other_line(left.code, right.code):
                yield f"the traced code, {line}"
    elif masked(known) != masked(found):
        # a model that prints itself in its own way has no tree to compare
        yield from _first_other_line(masked(known), masked(found))


def _printout(text: str) -> Printout | None:
    try:
        return pick(find(text))
    except InvalidInput:
        return None


def _first_other_line(known: str, found: str) -> Iterator[str]:
    left, right = known.split("\n"), found.split("\n")
    for number, (old, new) in enumerate(zip(left, right, strict=False), 1):
        if old != new:
            yield f"line {number}: {old} -> {new}"
            return
    if len(left) != len(right):
        yield f"{len(left)} lines -> {len(right)} lines"


def _tensor_lines(known: HeldTensors, found: HeldTensors) -> Iterator[str]:
    yield from _differing("parameter", known.parameters, found.parameters)
    yield from _differing("buffer", known.buffers, found.buffers)
    # A record of before these were kept has none: only a new one can be compared.
    if known.shared is not None:
        yield from _differing("shared with", known.shared, found.shared or {})
    if known.state is not None:
        yield from _differing("state", known.state, found.state or {})


def _differing(
    kind: str, known: dict[str, str], found: dict[str, str]
) -> Iterator[str]:
    for name in {**known, **found}:
        old, new = known.get(name, "none"), found.get(name, "none")
        if old != new:
            yield f"{name}: {kind} {old} -> {new}"
    if known == found and list(known) != list(found):
        yield f"the {kind}s are the same in another order"


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} lines more"]

"""The two sides of a fit: weights in a file or a text, and what they are to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from medt_gen.compare.alike import printed_layers
from medt_gen.compare.descriptions import (
    Description,
    describe_model,
    describe_spec,
    read_description,
)
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown
from medt_gen.paths.keys import PartialShapes, Shape, parent_path
from medt_gen.printouts.limits import read_text
from medt_gen.printouts.regression.live import Stateful
from medt_gen.weights.read import StoredWeights, is_checkpoint, read_weights
from medt_gen.weights.texts import LoadError, read_key_list, read_load_error

WeightsKind = Literal["checkpoint", "error", "list"]


@dataclass(frozen=True)
class Weights:
    """What is known of the weights: keys, and shapes where they are told.

    `stored` is the checkpoint itself, `error` what a pasted error says.
    """

    name: str
    kind: WeightsKind
    shapes: PartialShapes = field(repr=False)
    stored: StoredWeights | None = field(default=None, repr=False)
    error: LoadError | None = None


@dataclass(frozen=True)
class Target:
    """What the weights are to fit: every key that it wants, with its shape.

    Attributes:
        name, kind: as in a description.
        shapes: the keys; a shape that a printout does not tell is None.
        silent: paths of modules of which a printout does not tell what they hold.
        open: paths of the open modules of a spec: what is in them is not known either.
        spec: what the target is, or was made of, if any.
        checkpoint: the file, where it is one.
    """

    name: str
    kind: str
    shapes: PartialShapes = field(repr=False)
    silent: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    spec: Spec | None = field(default=None, repr=False)
    checkpoint: StoredWeights | None = field(default=None, repr=False)

    @property
    def is_complete(self) -> bool:
        """Whether every key and shape is known."""
        return not (self.silent or self.open) and None not in self.shapes.values()

    def is_untold(self, key: str) -> bool:
        """Whether the module that holds a key may hold more than is known."""
        path = parent_path(key)
        within = any(path == item or path.startswith(f"{item}.") for item in self.open)
        return path in self.silent or within


def read_weights_side(path: str, key: str | None = None) -> Weights:
    """Weights in a checkpoint, a pasted error, or a list of keys and shapes.

    Raises UnreadableInput for anything else.
    """
    if path != "-" and is_checkpoint(path):
        stored = read_weights(path, key)
        return Weights(path, "checkpoint", stored.shapes, stored)
    source = read_text(path, "text with keys")
    error = read_load_error(source.text)
    if error is not None:
        return Weights(source.name, "error", _stored_side(error), error=error)
    listed = read_key_list(source.text)
    if listed is not None:
        return Weights(source.name, "list", listed)
    raise UnreadableInput(
        Diagnostic(
            "weights",
            f"{shown(source.name)} holds no weights: it is no checkpoint, no text of a "
            "failed load_state_dict, and no list of keys",
            help="a list has a key and a shape a line: `conv1.weight [64, 3, 7, 7]`",
        )
    )


def _stored_side(error: LoadError) -> dict[str, Shape | None]:
    stored = {key: shapes[0] for key, shapes in error.mismatched.items()}
    return {**dict.fromkeys(error.unexpected), **stored}


def wanted_side(error: LoadError, model: str) -> Target:
    """The network's side of a pasted error: what it lacked, and what differs."""
    wanted = {key: shapes[1] for key, shapes in error.mismatched.items()}
    return Target(model, "error", {**dict.fromkeys(error.missing), **wanted})


def read_target(
    path: str, number: int | None = None, overrides: Sequence[str] = ()
) -> Target:
    """A spec, a printout, a checkpoint or an emitted file, as a target.

    `overrides` change a spec. Raises InvalidInput or UnreadableInput as `diff` does.
    """
    return _target(read_description(path, number, overrides))


def target_of_model(model: Stateful) -> Target:
    """A living model as a target; of a built one the spec is known, too."""
    return _target(describe_model(model))


def target_of_spec(spec: Spec) -> Target:
    """A loaded spec as a target."""
    return _target(describe_spec(spec.network.name, "spec", spec))


def _target(found: Description) -> Target:
    if found.stored is not None:
        shapes: PartialShapes = found.stored.shapes
        return Target(found.name, found.kind, shapes, checkpoint=found.stored)
    if found.tensors is None:
        return _of_printout(found)
    return Target(
        found.name, found.kind, found.tensors, open=found.open, spec=found.spec
    )


def _of_printout(found: Description) -> Target:
    assert found.tree is not None
    printed = printed_layers(found.tree)
    unshown = dict.fromkeys(sorted(printed.unshown - printed.shapes.keys()))
    return Target(
        found.name, found.kind, {**printed.shapes, **unshown}, silent=printed.silent
    )

"""The two sides of a fit: weights in a file or a text, and what they are to fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from medt_gen.compare.comparison import MOST_MODULES
from medt_gen.compare.descriptions import (
    Description,
    describe_model,
    read_description,
)
from medt_gen.emitter.built import spec_document
from medt_gen.emitter.stamp import embedded_spec
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown
from medt_gen.network.tensors import network_tensors, printed_tensors
from medt_gen.network.unmade import open_paths
from medt_gen.paths.keys import parent_path
from medt_gen.printouts import count_modules, unwrap
from medt_gen.printouts.limits import read_text
from medt_gen.printouts.regression.live import Stateful
from medt_gen.weights.read import StoredWeights, is_checkpoint, read_weights
from medt_gen.weights.texts import LoadError, read_key_list, read_load_error

Shape = tuple[int, ...]
PartialShapes = Mapping[str, Shape | None]
Reload = Callable[[Sequence[str]], Spec]

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
        reload: the spec with overrides, where the target is one.
        checkpoint: the file, where it is one.
    """

    name: str
    kind: str
    shapes: PartialShapes = field(repr=False)
    silent: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    reload: Reload | None = field(default=None, repr=False)
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
    found = read_description(path, number)
    if found.kind == "spec":
        reload = _of_file(path, overrides)
        shapes = network_tensors(reload(()).network) if overrides else found.tensors
        assert shapes is not None
        return Target(found.name, found.kind, shapes, open=found.open, reload=reload)
    if overrides:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"--set changes a spec, and {shown(path)} is a {found.kind}",
                help="name the spec as the target",
            )
        )
    if found.kind == "emitted file":
        return _of_tensors(found, _of_document(embedded_spec(read_text(path).text)))
    if found.kind == "checkpoint":
        stored = read_weights(path)
        return Target(path, found.kind, stored.shapes, checkpoint=stored)
    return _of_printout(found)


def target_of_model(model: Stateful) -> Target:
    """A living model as a target; of a built one the spec is known, too."""
    found = describe_model(model)
    try:
        document = spec_document(model)
    except ValueError:
        return _of_tensors(found, None)
    return _of_tensors(found, _of_document(document))


def target_of_spec(spec: Spec) -> Target:
    """A loaded spec as a target."""
    reload = _of_document(spec.document)
    shapes = network_tensors(spec.network)
    opened = open_paths(spec.network)
    return Target(spec.network.name, "spec", shapes, open=opened, reload=reload)


def _of_file(path: str, overrides: Sequence[str]) -> Reload:
    return lambda options: load(path, overrides=[*overrides, *options])


def _of_document(document: object) -> Reload:
    text = json.dumps(document)
    return lambda options: load(text=text, overrides=options)


def _of_tensors(found: Description, reload: Reload | None) -> Target:
    assert found.tensors is not None
    return Target(found.name, found.kind, found.tensors, open=found.open, reload=reload)


def _of_printout(found: Description) -> Target:
    assert found.tree is not None
    if count_modules(found.tree) > MOST_MODULES:
        raise UnreadableInput(
            Diagnostic(
                "too-large",
                f"this tree stands for more than {MOST_MODULES:,} modules",
                help="cut the printout down to the part that the weights are for",
            )
        )
    printed = printed_tensors(unwrap(found.tree))
    unshown = dict.fromkeys(sorted(printed.unshown - printed.shapes.keys()))
    return Target(
        found.name, found.kind, {**printed.shapes, **unshown}, silent=printed.silent
    )

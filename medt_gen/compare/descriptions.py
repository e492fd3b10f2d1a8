"""One description of a network: a printout, a spec, a checkpoint, a file, a model.

Each kind holds other facts; what a file describes is found by its name and its text.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from medt_gen.emitter.built import plugins_of, spec_document, spec_in
from medt_gen.emitter.stamp import is_ours, is_untouched
from medt_gen.files.run_folders import spec_of_run
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, Source, UnreadableInput
from medt_gen.messages.wording import shown
from medt_gen.network.prints import printed_tree
from medt_gen.network.records import Network
from medt_gen.network.tensors import network_tensors
from medt_gen.network.unmade import open_paths
from medt_gen.paths.keys import TensorShapes, without_wrapper
from medt_gen.printouts import Node, find, pick
from medt_gen.printouts.limits import read_text
from medt_gen.printouts.regression.live import Stateful, state_shapes
from medt_gen.spec.shipped import spec_path
from medt_gen.weights.read import StoredWeights, is_checkpoint, read_weights

_SPEC = re.compile(r"^medt-gen\s*:", re.MULTILINE)

DescriptionKind = Literal["printout", "spec", "checkpoint", "emitted file", "model"]


@dataclass(frozen=True)
class Description:
    """What a file says of a network; a kind of fact that it does not hold is None.

    `code` is the Python that a traced graph prints behind its tree; empty for others.
    `open` are the paths of the modules whose tensors are not among its `tensors`.
    `spec` and `stored` are the spec and the checkpoint that say it, if any.
    """

    name: str
    kind: DescriptionKind
    tree: Node | None = field(default=None, repr=False)
    tensors: TensorShapes | None = field(default=None, repr=False)
    network: Network | None = field(default=None, repr=False)
    code: str = field(default="", repr=False)
    open: frozenset[str] = frozenset()
    spec: Spec | None = field(default=None, repr=False)
    stored: StoredWeights | None = field(default=None, repr=False)


def read_description(
    path: str | os.PathLike[str],
    number: int | None = None,
    overrides: Sequence[str] = (),
    option: str = "--set",
) -> Description:
    """What a file describes; `number` picks one of several printouts.

    `overrides` change a spec, and come from `option`. Raises InvalidInput for a text
    that describes no network, UnreadableInput for what can't be read, is Python that
    medt-gen did not write, was edited since, or is no spec to change.
    """
    found = _read(path, number, overrides)
    if overrides and found.kind != "spec":
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"{option} changes a spec, and {shown(found.name)} is "
                f"{_ARTICLES[found.kind]} {found.kind}",
                help="name the spec in its place",
            )
        )
    return found


_ARTICLES = {"emitted file": "an"} | dict.fromkeys(
    ("printout", "spec", "checkpoint", "model"), "a"
)


def _read(
    path: str | os.PathLike[str], number: int | None, overrides: Sequence[str]
) -> Description:
    name = spec_of_run(os.fspath(path))
    if not Path(name).exists() and spec_path(name) is not None:
        return describe_spec(name, "spec", load(name, overrides=overrides))
    if name.endswith((".yaml", ".yml")):
        return describe_spec(name, "spec", load(name, overrides=overrides))
    if name != "-" and is_checkpoint(name):
        stored = read_weights(name)
        tensors = without_wrapper(stored.shapes)
        return Description(name, "checkpoint", tensors=tensors, stored=stored)
    source = read_text(name)
    if name.endswith(".py") or is_ours(source.text):
        return _of_emitted(source)
    if _SPEC.search(source.text):
        return describe_spec(name, "spec", load(text=source.text, overrides=overrides))
    found = pick(find(source.text, source.name), number)
    return Description(name, "printout", tree=found.tree, code=found.code)


def describe_model(model: Stateful) -> Description:
    """What a living model says: its printed tree, its tensors, and its spec if built.

    The spec has the arguments that the model's class was called with.
    """
    name = type(model).__name__
    printed, tensors = pick(find(str(model))), state_shapes(model)
    tree = printed.tree
    try:
        document = spec_document(model)
    except ValueError:
        return Description(name, "model", tree, tensors, code=printed.code)
    spec = load(text=json.dumps(document), plugins=plugins_of(model))
    return Description(name, "model", tree, tensors, spec.network, spec=spec)


def describe_spec(name: str, kind: DescriptionKind, spec: Spec) -> Description:
    """What a loaded spec says, or a file that holds one."""
    network = spec.network
    return Description(
        name,
        kind,
        printed_tree(network),
        network_tensors(network),
        network,
        open=open_paths(network),
        spec=spec,
    )


def _of_emitted(source: Source) -> Description:
    if is_ours(source.text) and not is_untouched(source.text):
        raise UnreadableInput(
            Diagnostic(
                "emitted-file",
                f"{shown(source.name)} can't be compared: it was edited, so the spec "
                "in it may no longer match",
                help="compare its printout or its spec instead",
            )
        )
    return describe_spec(source.name, "emitted file", spec_in(source))

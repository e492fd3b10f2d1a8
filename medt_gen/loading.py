"""A path, a shipped name or a text -> a checked and resolved spec."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from medt_gen.compose import Composed, Opened, compose, root_of
from medt_gen.diagnostics import (
    Diagnostic,
    InvalidInput,
    Note,
    Source,
    UnreadableInput,
)
from medt_gen.document import Mapping, plain
from medt_gen.files import MAX_SPEC_BYTES, read_source
from medt_gen.library import all_blocks
from medt_gen.names import IDENTIFIER, did_you_mean, shown
from medt_gen.network import Network
from medt_gen.overrides import apply_overrides
from medt_gen.problems import Problems
from medt_gen.resolve.network import resolve_network
from medt_gen.resolve.scope import Limits
from medt_gen.shipped import shipped_source, spec_names, spec_path


@dataclass(frozen=True)
class Spec:
    """A spec that passed every check, with the network it describes.

    `name` is the file's name without its ending, `label` what messages call it.
    """

    name: str
    label: str
    node: Mapping
    network: Network
    warnings: tuple[Diagnostic, ...]
    overrides: tuple[str, ...] = ()

    @cached_property
    def document(self) -> dict[str, Any]:
        """The composed spec as plain data, what it extends merged in."""
        document: dict[str, Any] = plain(self.node)
        document.pop("extends", None)
        used = {block.declaration.name: block for block in self.network.blocks}
        own = {
            name: plain(block.declaration.node)
            for name, block in used.items()
            if not block.declaration.shipped and block.declaration.node is not None
        }
        document.pop("blocks", None)
        if own:
            document["blocks"] = own
        return document

    @property
    def title(self) -> str:
        """The spec's title, or the name of its class."""
        return self.network.root.declaration.title or self.network.name


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | None = None,
    overrides: Sequence[str] = (),
    allow_outside: bool = False,
    limits: Limits | None = None,
) -> Spec:
    """Load a spec from a file, by the name of a shipped one, or from `text`.

    `overrides` are `key.path=value` texts, as for `--set`. Raises InvalidInput with all
    that is wrong in the spec, UnreadableInput when there is nothing to read.
    """
    source, folder = _opened(path, text)
    opened = Opened(root_of(folder, allow_outside))
    composed = compose(source, folder, opened)
    node = apply_overrides(composed.node, overrides)
    name = _name(source)
    problems = Problems()
    blocks = all_blocks(node, source, folder, opened, problems)
    network = resolve_network(node, name, blocks, problems, limits or Limits())
    if network is None or problems.errors:
        raise InvalidInput(*(_chained(item, composed) for item in problems.in_order()))
    return Spec(name, source.name, node, network, problems.warnings, tuple(overrides))


def _opened(
    path: str | os.PathLike[str] | None, text: str | None
) -> tuple[Source, Path]:
    if (path is None) == (text is None):
        raise TypeError("load() takes a path, or text=...")
    if text is not None:
        return _given_text(text), Path.cwd()
    name = os.fspath(path) if path is not None else "-"
    shipped = None if Path(name).exists() else spec_path(name)
    if shipped is not None:
        return shipped_source(shipped), shipped.parent
    if IDENTIFIER.fullmatch(name) and not Path(name).exists():
        raise UnreadableInput(
            Diagnostic(
                "unreadable",
                f"there is no file `{shown(name)}`, and no spec of that name ships",
                help=did_you_mean(name, spec_names()),
            )
        )
    return read_source(name), Path(name).parent if name != "-" else Path.cwd()


def _given_text(text: str) -> Source:
    if len(text) > MAX_SPEC_BYTES:
        raise UnreadableInput(
            Diagnostic("too-large", f"the text is longer than {MAX_SPEC_BYTES:,}")
        )
    return Source("<text>", text)


def _name(source: Source) -> str:
    stem = Path(source.name).stem
    return stem if IDENTIFIER.fullmatch(stem) else "Network"


def _chained(item: Diagnostic, composed: Composed) -> Diagnostic:
    """A diagnostic in a file that the spec extends, with the way there."""
    if item.place is None or item.place.source is composed.source:
        return item
    notes = []
    for link in composed.chain:
        notes.append(Note("which is extended from here", link.place))
        if link.source is item.place.source:
            return replace(item, notes=(*item.notes, *reversed(notes)))
    return item

"""A path, a shipped name or a text -> a checked and resolved spec."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medt_gen.files.reading import MAX_SPEC_BYTES, read_source
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    Note,
    Source,
    UnreadableInput,
)
from medt_gen.messages.faulty import FAULTY
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.resolve.network import resolve_network
from medt_gen.resolve.scope import Limits
from medt_gen.resolve.sizes import DEPEND_ON_SIZE, Size, working_sizes
from medt_gen.resolve.types import Types
from medt_gen.spec.blocks import all_blocks
from medt_gen.spec.compose import Composed, SourceCache, compose, root_of
from medt_gen.spec.declarations import NetworkDeclaration
from medt_gen.spec.identifiers import IDENTIFIER
from medt_gen.spec.nodes import MappingNode
from medt_gen.spec.overrides import apply_overrides
from medt_gen.spec.read_network import declare_network
from medt_gen.spec.shipped import shipped_source, spec_names, spec_path


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | None = None,
    overrides: Sequence[str] = (),
    allow_outside: bool = False,
    limits: Limits | None = None,
    pedantic: bool = False,
) -> Spec:
    """Load a spec from a file, by the name of a shipped one, or from `text`.

    `overrides` are `key.path=value` texts, as for `--set`; `pedantic` adds warnings for
    what is true and could be left out. Raises InvalidInput with all that is wrong in
    the spec, UnreadableInput when there is nothing to read.
    """
    given = _given(path, text)
    opened = SourceCache(root_of(given.folder, allow_outside=allow_outside))
    problems = Problems(pedantic=pedantic)
    composed = compose(given.source, given.folder, opened, problems)
    try:
        node = apply_overrides(composed.node, overrides)
        spec = _resolved(composed, node, opened, problems, limits or Limits())
    except InvalidInput as error:
        raise InvalidInput(
            *(_chained(item, composed) for item in error.diagnostics)
        ) from None
    return replace(spec, overrides=tuple(overrides))


def _resolved(
    composed: Composed,
    node: MappingNode,
    opened: SourceCache,
    problems: Problems,
    limits: Limits,
) -> Spec:
    name = _name(composed.source)
    blocks = all_blocks(node, composed, opened, problems)
    types = Types(blocks)
    declared = declare_network(node, name, problems)
    network = resolve_network(declared, types, problems, limits)
    if network is None or problems.errors:
        found = problems.in_order()
        raise InvalidInput(*_with_sizes(found, declared, types, limits))
    return Spec(
        name,
        composed.source.name,
        node,
        network,
        problems.warnings,
        declared,
        types,
        limits,
    )


def _with_sizes(
    found: list[Diagnostic],
    declared: NetworkDeclaration,
    types: Types,
    limits: Limits,
) -> list[Diagnostic]:
    """The same, where another input size is a way out with the sizes to take."""
    errors = [item for item in found if item.severity == "error"]
    given = declared.input
    if given is FAULTY or any(item.code not in DEPEND_ON_SIZE for item in errors):
        return found
    size = given.size

    def works(axes: Size) -> bool:
        other = replace(declared, input=replace(given, size=replace(size, axes=axes)))
        try:
            return resolve_network(other, types, Problems(most=0), limits) is not None
        except InvalidInput:
            return False

    sizes = working_sizes(size.axes, works)
    if not sizes:
        return found
    known = " and ".join(_size_text(item, size.axes) for item in sizes)
    hint = f"input sizes near {_size_text(size.axes, size.axes)} that work: {known}"
    first = errors[0]
    helped = replace(first, help=f"{first.help}; {hint}" if first.help else hint)
    return [helped if item is first else item for item in found]


def _size_text(size: Size, asked: Size) -> str:
    square = len(asked) == 2 and len({*asked}) == 1 == len({*size})
    return str(size[0]) if square else str(list(size))


@dataclass(frozen=True)
class _Given:
    """The text of a spec, and the folder that paths in it start from."""

    source: Source
    folder: Path


def _given(path: str | os.PathLike[str] | None, text: str | None) -> _Given:
    if (path is None) == (text is None):
        raise TypeError("load() takes a path, or text=...")
    if text is not None:
        return _Given(_given_text(text), Path.cwd())
    name = os.fspath(path) if path is not None else "-"
    exists = _exists(name)
    shipped = None if exists else spec_path(name)
    if shipped is not None:
        return _Given(shipped_source(shipped), shipped.parent)
    if IDENTIFIER.fullmatch(name) and not exists:
        raise UnreadableInput(
            Diagnostic(
                "unreadable",
                f"there is no file `{shown(name)}`, and no spec of that name ships",
                help=did_you_mean(name, spec_names()),
            )
        )
    folder = Path(name).parent if name != "-" else Path.cwd()
    return _Given(read_source(name), folder)


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        # A name that is too long, or no name at all: reading it will say so.
        return False


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

"""A path, a shipped name or a text -> a checked and resolved spec."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medt_gen.extensions.find import using
from medt_gen.files.reading import MAX_SPEC_BYTES, read_source
from medt_gen.files.run_folders import spec_of_run
from medt_gen.loading.blame import with_causes
from medt_gen.loading.resolving import Request, resolved
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    Note,
    Source,
    UnreadableInput,
)
from medt_gen.messages.problems import Problems, in_order
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.resolve.scope import Limits
from medt_gen.spec.compose import Composed, SourceCache, compose, root_of
from medt_gen.spec.identifiers import IDENTIFIER
from medt_gen.spec.shipped import shipped_names, shipped_source, spec_path
from medt_gen.spec.strange_characters import with_lookalikes


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | None = None,
    overrides: Sequence[str] = (),
    allow_outside: bool = False,
    limits: Limits | None = None,
    pedantic: bool = False,
    plugins: Sequence[str] = (),
) -> Spec:
    """Load a spec from a file, by the name of a shipped one, or from `text`.

    `overrides` are `key.path=value` texts, as for `--set`; `pedantic` adds warnings for
    what is true and could be left out. `plugins` are used beside those that are in use
    already, and those that a pyproject.toml names, beside the spec or in the working
    folder. Raises InvalidInput with all that is wrong in the spec, UnreadableInput when
    there is nothing to read.
    """
    given = _given(path, text)
    with using(plugins, given.folder, Path.cwd()):
        opened = SourceCache(root_of(given.folder, allow_outside=allow_outside))
        request = Request(
            given.source, given.folder, opened, tuple(overrides), limits or Limits()
        )
        return _resolved(request, Problems(pedantic=pedantic))


def _resolved(request: Request, problems: Problems) -> Spec:
    """The spec that is asked for, or all that is wrong, at the lines that cause it."""
    source, opened = request.source, request.opened
    composed = compose(source, request.folder, opened, problems)
    try:
        return resolved(request, composed, problems)
    except InvalidInput as error:
        found = error.diagnostics
    told = with_causes(found, request, opened.documents[source])
    told = in_order(with_lookalikes(told))
    raise InvalidInput(*(_chained(item, composed) for item in told))


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
    name = spec_of_run(os.fspath(path)) if path is not None else "-"
    exists = _exists(name)
    shipped = None if exists else spec_path(name)
    if shipped is not None:
        return _Given(shipped_source(shipped), shipped.parent)
    if IDENTIFIER.fullmatch(name) and not exists:
        raise UnreadableInput(
            Diagnostic(
                "unreadable",
                f"there is no file `{shown(name)}`, and no spec of that name ships",
                help=did_you_mean(name, shipped_names()),
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

"""`extends:`: a spec that states only its difference from another one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from medt_gen.files.reading import project_root, read_source
from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    Note,
    Place,
    Source,
    UnreadableInput,
)
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.spec.merging import merge
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode, kind_of, node_data
from medt_gen.spec.read_class import EXTENDS, MODULES
from medt_gen.spec.read_modules import AFTER
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.shipped import (
    block_names,
    block_path,
    shipped_names,
    shipped_source,
    spec_path,
)
from medt_gen.spec.yaml_events import parse_document

MAX_CHAIN = 20
MAX_TOTAL = 2 << 20


@dataclass(frozen=True)
class Link:
    """One `extends:` that was followed: where it stands, and what it led to."""

    place: Place
    source: Source
    path: Path


@dataclass(frozen=True)
class Composed:
    """A spec with everything it extends merged in, and the way there."""

    node: MappingNode
    source: Source
    folder: Path
    chain: tuple[Link, ...]


@dataclass
class SourceCache:
    """How files are opened: which paths are allowed, and what was read so far.

    `characters` counts what was parsed, a file that several blocks name each time.
    """

    root: Path | None
    files: dict[Path, Source] = field(default_factory=dict)
    folders: dict[Source, Path] = field(default_factory=dict)
    documents: dict[Source, MappingNode] = field(default_factory=dict)
    characters: int = 0

    def folder_of(self, source: Source, default: Path) -> Path:
        """The folder that paths written in `source` start from."""
        return self.folders.get(source, default)

    def parse(self, source: Source, place: Place | None = None) -> MappingNode:
        """The document in `source`; raises InvalidInput when it adds up to too much."""
        self.characters += len(source.text)
        if self.characters > MAX_TOTAL:
            raise InvalidInput(
                Diagnostic(
                    "too-large",
                    f"the spec and the files it names hold more than {MAX_TOTAL:,} "
                    "characters, a file counted as often as it is named",
                    place,
                    "declare blocks of one kind once, with parameters",
                )
            )
        if source not in self.documents:
            self.documents[source] = parse_document(source)
        return self.documents[source]

    def source(self, path: Path, shown_as: str, place: Place) -> Source:
        """The text of `path`, read once; refuses paths outside of the root."""
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            # Reading it will say why; `..` is taken away so that the root holds.
            real = Path(os.path.normpath(path.absolute()))
        if self.root is not None and not real.is_relative_to(self.root):
            raise InvalidInput(
                Diagnostic(
                    "outside-root",
                    f"`{shown(shown_as)}` leaves the folder "
                    f"{shown(str(self.root), 300)}",
                    place,
                    "move the file inside, or allow it with `--allow-outside`",
                )
            )
        if real not in self.files:
            source = self._read(path, shown_as, place)
            self.files[real] = source
            self.folders[source] = path.parent
        return self.files[real]

    def _read(self, path: Path, shown_as: str, place: Place) -> Source:
        try:
            return read_source(str(path))
        except UnreadableInput as error:
            reason = error.diagnostics[0].message
            raise InvalidInput(
                Diagnostic("missing-parent", reason, place, _file_help(path, place))
            ) from None


def _file_help(path: Path, place: Place) -> str | None:
    if path.stem in (*shipped_names(), *block_names()):
        return f"what ships is named without an ending: write `{path.stem}`"
    if place.source.name.startswith("--"):
        return None
    return f"paths start from the folder of {shown(place.source.name)}"


def root_of(folder: Path, *, allow_outside: bool) -> Path | None:
    """The folder that included paths may not leave; None allows every path."""
    return None if allow_outside else project_root(folder.resolve())


@dataclass(frozen=True)
class Shelf:
    """What `extends:` can name without a path."""

    what: str
    names: Callable[[], list[str]]
    path: Callable[[str], Path | None]


SPEC_SHELF = Shelf("spec", shipped_names, spec_path)
BLOCK_SHELF = Shelf("block", block_names, block_path)


def compose(
    source: Source,
    folder: Path,
    opened: SourceCache,
    problems: Problems,
    shelf: Shelf = SPEC_SHELF,
) -> Composed:
    """Parse `source` and merge it over what it extends.

    Raises InvalidInput for cycles, long chains, missing parents and paths that leave
    the root; what does not keep the rest from being judged goes to `problems`.
    """
    node = opened.parse(source)
    return compose_node(node, source, folder, opened, problems, shelf)


def compose_node(
    node: MappingNode,
    source: Source,
    folder: Path,
    opened: SourceCache,
    problems: Problems,
    shelf: Shelf,
) -> Composed:
    """The same for a mapping that is parsed already."""
    layers = [node]
    chain: list[Link] = []
    here = folder
    while (parent := layers[-1].items.get(EXTENDS.name)) is not None:
        if len(chain) >= MAX_CHAIN:
            message = f"more than {MAX_CHAIN} {shelf.what}s extend one another"
            fix = "write a spec that is so far from the first one in full"
            raise _wrong("extends-chain", message, parent, fix)
        link = _parent(parent, here, opened, shelf)
        seen = {item.path for item in chain} | {_path_of(source, folder)}
        if link.path in seen:
            message = f"`{shown(str(node_data(parent)))}` leads back to where it was"
            fix = "let one of them stand by itself, without `extends:`"
            raise _wrong("extends-cycle", message, parent, fix, *chain)
        layers.append(opened.parse(link.source, link.place))
        chain.append(link)
        here = link.path.parent
    merged = layers[-1]
    for layer in reversed(layers[:-1]):
        merged = merge(merged, layer)
    return Composed(reordered(merged, problems), source, folder, tuple(chain))


def _path_of(source: Source, folder: Path) -> Path:
    return (folder / Path(source.name).name).resolve()


def _wrong(
    code: Code, message: str, node: Node, help: str, *chain: Link
) -> InvalidInput:
    notes = tuple(Note("reached from here", link.place) for link in chain)
    return InvalidInput(Diagnostic(code, message, node.place, help, notes))


def _parent(node: Node, folder: Path, opened: SourceCache, shelf: Shelf) -> Link:
    """The text that `extends:` names."""
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        raise InvalidInput(
            Diagnostic(
                "wrong-form",
                f"`extends:` names one {shelf.what}, and this is {kind_of(node)}",
                node.place,
                f"write a name such as `{shelf.names()[-1]}`, or a relative path",
            )
        )
    name = node.value
    path = shelf.path(name)
    if path is not None:
        return Link(node.place, shipped_source(path), path.resolve())
    if Path(name).suffix not in (".yaml", ".yml", ".json"):
        raise InvalidInput(
            Diagnostic(
                "missing-parent",
                f"no {shelf.what} called `{shown(name)}` ships with medt-gen",
                node.place,
                did_you_mean(name, shelf.names()) or "a path ends in `.yaml`",
            )
        )
    path = opened.folder_of(node.place.source, folder) / name
    if node.place.source.shipped:
        # What ships may name what ships beside it, from wherever it is extended.
        return Link(node.place, shipped_source(path), path.resolve())
    source = opened.source(path, name, node.place)
    return Link(node.place, source, path.resolve())


def reordered(node: MappingNode, problems: Problems) -> MappingNode:
    """The spec with every module that says `after:` moved to its place."""
    items = dict(node.items)
    for name, child in node.items.items():
        if not isinstance(child, MappingNode):
            continue
        if name == MODULES.name:
            items[name] = _ordered(child, problems)
        elif name == BLOCKS.name:
            items[name] = _each(child, problems)
    return MappingNode(items, node.keys, node.place)


def _each(blocks: MappingNode, problems: Problems) -> MappingNode:
    """The blocks in order, but for those that have yet to be put over a parent."""
    items = {
        name: reordered(block, problems)
        if isinstance(block, MappingNode) and EXTENDS.name not in block.items
        else block
        for name, block in blocks.items.items()
    }
    return MappingNode(items, blocks.keys, blocks.place)


def _ordered(modules: MappingNode, problems: Problems) -> MappingNode:
    order = list(modules.items)
    items = dict(modules.items)
    for name, node in modules.items.items():
        after = node.items.get(AFTER.name) if isinstance(node, MappingNode) else None
        if after is None or not isinstance(node, MappingNode):
            continue
        items[name] = _without(node, AFTER.name)
        order.remove(name)
        order.insert(_position(after, order, problems), name)
    return MappingNode(
        {name: items[name] for name in order},
        {name: modules.keys[name] for name in order},
        modules.place,
    )


def _position(after: Node, order: list[str], problems: Problems) -> int:
    """Behind the module that `after:` names; at the end when there is none."""
    target = after.value if isinstance(after, ScalarNode) else None
    if isinstance(target, str) and target in order:
        return order.index(target) + 1
    problems.error(
        "unknown-module",
        f"`after:` names no other module here: `{shown(str(node_data(after)))}`",
        after.place,
        did_you_mean(str(target), order),
    )
    return len(order)


def _without(node: MappingNode, name: str) -> MappingNode:
    items = {key: value for key, value in node.items.items() if key != name}
    keys: dict[str, Key] = {key: node.keys[key] for key in items}
    return MappingNode(items, keys, node.place)

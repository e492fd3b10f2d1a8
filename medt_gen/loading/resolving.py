"""A composed spec -> a checked one, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medt_gen.catalog.layers import plugin_layers
from medt_gen.loading.largest import at_largest
from medt_gen.loading.names import warn_of_names
from medt_gen.loading.size_hint import Attempts, with_grids, with_sizes
from medt_gen.loading.spec import Spec
from medt_gen.loading.unused import warn_of_unused
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place, Source
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.resolve.network import resolve_network
from medt_gen.resolve.scope import Limits, StepCount
from medt_gen.resolve.types import Types
from medt_gen.spec.blocks import all_blocks, arguments_of_blocks
from medt_gen.spec.compose import SPEC_SHELF, Composed, SourceCache, compose_node
from medt_gen.spec.declarations import ClassDeclaration, NetworkDeclaration
from medt_gen.spec.identifiers import IDENTIFIER
from medt_gen.spec.left_over import without_left_over
from medt_gen.spec.nodes import MappingNode
from medt_gen.spec.overrides import apply_overrides
from medt_gen.spec.read_network import declare_network


@dataclass(frozen=True)
class Request:
    """What is asked for: a text with the options that change it, and the limits."""

    source: Source
    folder: Path
    opened: SourceCache
    overrides: tuple[str, ...]
    limits: Limits

    def composed(self, node: MappingNode, problems: Problems) -> Composed:
        """`node`, as it stands in the text or changed, over what it extends."""
        opened = replace(self.opened, characters=0)
        return compose_node(
            node, self.source, self.folder, opened, problems, SPEC_SHELF
        )


@dataclass(frozen=True)
class _Read:
    """A composed spec with options applied, and its blocks; the form is judged."""

    node: MappingNode
    blocks: Mapping[str, ClassDeclaration | Faulty]
    declared: NetworkDeclaration


def _read(
    composed: Composed,
    overrides: Sequence[str],
    opened: SourceCache,
    problems: Problems,
) -> _Read:
    node = apply_overrides(composed.node, overrides)
    blocks = all_blocks(node, composed, opened, problems)
    node = without_left_over(node, arguments_of_blocks(blocks), problems)
    declared = declare_network(node, name_of(composed.source), problems)
    return _Read(node, blocks, declared)


def resolved(request: Request, composed: Composed, problems: Problems) -> Spec:
    """The spec with the options applied.

    Raises InvalidInput with all that is wrong, where it shows.
    """
    read = _read(composed, request.overrides, request.opened, problems)
    types, declared = Types(read.blocks), read.declared
    _check_names(declared, read.blocks, problems)
    network = resolve_network(declared, types, problems, request.limits)
    if network is None or problems.errors:
        found = problems.in_order()
        for helped in (with_sizes, with_grids):
            found = helped(found, declared, Attempts(types, request.limits))
        raise InvalidInput(*found)
    built = at_largest(network, declared, Attempts(types, request.limits), problems)
    parents = [link.source for link in composed.chain]
    warn_of_unused(declared, read.blocks, parents, problems)
    warn_of_names(declared, read.blocks, problems)
    return Spec(
        name_of(composed.source),
        composed.source.name,
        read.node,
        built,
        network,
        problems.warnings,
        declared,
        types,
        request.limits,
        request.overrides,
        dict(plugin_layers()),
    )


def _check_names(
    declared: NetworkDeclaration,
    blocks: Mapping[str, ClassDeclaration | Faulty],
    problems: Problems,
) -> None:
    """A file imports the classes of plugins, and no name in it may hide one."""
    _refuse_class(declared.root.name, declared.place, problems)
    own = (block for block in blocks.values() if block is not FAULTY)
    for declaration in (declared.root, *own):
        for name, parameter in declaration.parameters.items():
            _refuse_class(name, parameter.key.place, problems)
        for module in declaration.construct_first:
            _refuse_class(module.text, module.place, problems)


def _refuse_class(name: str, place: Place, problems: Problems) -> None:
    layer = plugin_layers().get(name)
    if layer is not None and layer.plugin is not None:
        message = f"`{name}` is a layer of {layer.plugin.words}"
        problems.error("bad-name", message, place, "choose another name")


def what_is_wrong(
    request: Request, node: MappingNode, overrides: Sequence[str], count: StepCount
) -> list[Diagnostic]:
    """The errors of another text or other options, found with the steps in `count`."""
    problems = Problems()
    try:
        composed = request.composed(node, problems)
        opened = replace(request.opened, characters=0)
        read = _read(composed, overrides, opened, problems)
        types = Types(read.blocks)
        resolve_network(read.declared, types, problems, request.limits, count)
    except InvalidInput as error:
        return [item for item in error.diagnostics if item.severity == "error"]
    return problems.errors


def name_of(source: Source) -> str:
    """What a network without `class:` is called: the name of its file."""
    stem = Path(source.name).stem
    return stem if IDENTIFIER.fullmatch(stem) else "Network"

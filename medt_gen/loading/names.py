"""Names that are right, and that a reader may take for something else.

They are told whichever text declares them: a spec that extends it is misread as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.operations_space import AXIS_WORDS
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.spec.declarations import ClassDeclaration, NetworkDeclaration
from medt_gen.spec.nodes import MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import FORWARD
from medt_gen.spec.read_flow import AS, PATCH_FORWARD, PATCHES
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.shipped import block_names


def warn_of_names(
    declared: NetworkDeclaration,
    blocks: Mapping[str, ClassDeclaration | Faulty],
    problems: Problems,
) -> None:
    """Warn of blocks, values and modules that are called like something else."""
    _warn_of_blocks(declared.root, problems)
    own = (block for block in blocks.values() if block is not FAULTY)
    for declaration in (declared.root, *own):
        _warn_of_values(declaration, problems)
        _warn_of_modules(declaration, problems)


def _warn_of_blocks(root: ClassDeclaration, problems: Problems) -> None:
    node = root.node.items.get(BLOCKS.name) if root.node else None
    keys = node.keys if isinstance(node, MappingNode) else {}
    for name in block_names():
        if name in keys:
            problems.warning(
                "shadowed-block",
                f"this block hides the one called `{name}` that ships",
                keys[name].place,
                f"call it otherwise, such as `Own{name}`, here and where it is used; "
                f"with `class: {name}` it is printed as before",
            )


def _warn_of_values(declaration: ClassDeclaration, problems: Problems) -> None:
    flow = declaration.node.items.get(FORWARD.name) if declaration.node else None
    for name, place in _values(flow):
        if name in OPERATIONS:
            problems.warning(
                "ambiguous-name",
                f"the value `{name}` is called like an operation: `{name}()` is still "
                "that",
                place,
                f"call it otherwise, such as `{name}_value`, here and where it is read",
            )


def _values(flow: Node | None) -> Iterator[tuple[str, Place]]:
    """The values of a flow, those of its patches included."""
    if not isinstance(flow, MappingNode):
        return
    for name, step in flow.items.items():
        yield name, flow.keys[name].place
        if isinstance(step, MappingNode):
            yield from _patch_name(step.items.get(PATCHES.name))
            yield from _values(step.items.get(PATCH_FORWARD.name))


def _patch_name(patches: Node | None) -> Iterator[tuple[str, Place]]:
    name = patches.items.get(AS.name) if isinstance(patches, MappingNode) else None
    if isinstance(name, ScalarNode):
        yield str(name.value), name.place


def _warn_of_modules(declaration: ClassDeclaration, problems: Problems) -> None:
    for module in declaration.modules:
        if module.name in AXIS_WORDS:
            problems.warning(
                "ambiguous-name",
                f"the module `{module.name}` is called like an axis: "
                f"`mean({module.name})` means the axis",
                module.key.place,
                f"call it otherwise, such as `{module.name}_module`, here and in "
                "`forward:`",
            )

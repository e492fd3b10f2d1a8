"""Parameters and blocks that a spec declares and nothing in it names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from medt_gen.messages.diagnostics import Source
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import nearest
from medt_gen.spec.declarations import ClassDeclaration, NetworkDeclaration
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import PARAMS, SOURCE, TITLE
from medt_gen.spec.read_network import BLOCKS

_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")

Blocks = Mapping[str, ClassDeclaration | Faulty]


def warn_of_unused(
    declared: NetworkDeclaration,
    blocks: Blocks,
    others: Collection[Source],
    problems: Problems,
) -> None:
    """Warn of what nothing uses.

    `others` are the specs that this one extends: what they declare and this one has
    made superfluous is not this one's to mend.
    """
    own = {
        name: block
        for name, block in blocks.items()
        if block is not FAULTY and not block.shipped
    }
    for declaration in (declared.root, *own.values()):
        _warn_of_parameters(declaration, others, problems)
    _warn_of_blocks(declared.root, own, others, problems)


def _warn_of_parameters(
    declaration: ClassDeclaration, others: Collection[Source], problems: Problems
) -> None:
    if declaration.node is None:
        return
    texts = _texts(declaration.node, {PARAMS.name, BLOCKS.name, *_PROSE})
    used = {name for text in texts for name in _PARAMETER.findall(text)}
    for name, parameter in declaration.parameters.items():
        source = parameter.key.place.source
        if name not in used and source not in others and not source.shipped:
            problems.warning(
                "unused-parameter",
                f"the parameter `{name}` is never used",
                parameter.key.place,
                _help(name, declaration),
            )


def _help(name: str, declaration: ClassDeclaration) -> str:
    others = [other for other in declaration.parameters if other != name]
    near = nearest(name, others, most=1)
    meant = f"did you mean `{near[0]}`? otherwise " if near else ""
    return f"{meant}write `${name}` where it belongs, or remove it"


def _warn_of_blocks(
    root: ClassDeclaration,
    own: Mapping[str, ClassDeclaration],
    others: Collection[Source],
    problems: Problems,
) -> None:
    declared = root.node.items.get(BLOCKS.name) if root.node else None
    if root.node is None or not isinstance(declared, MappingNode):
        return
    named = set(_texts(root.node, {BLOCKS.name, *_PROSE}))
    for name, block in own.items():
        if block.node is not None:
            named |= set(_texts(block.node, _PROSE)) - {name}
    for name, key in declared.keys.items():
        if name not in named and name in own and key.place.source not in others:
            problems.warning(
                "unused-block",
                f"the block `{name}` is never used",
                key.place,
                f"give a module `type: {name}`, or remove the block",
            )


_PROSE = {TITLE.name, SOURCE.name}


def _texts(node: MappingNode, without: Collection[str]) -> Iterator[str]:
    """Every text in a class but for those under some of its keys."""
    waiting: list[Node] = [
        item for name, item in node.items.items() if name not in without
    ]
    while waiting:
        item = waiting.pop()
        if isinstance(item, MappingNode):
            waiting += item.items.values()
        elif isinstance(item, ListNode):
            waiting += item.items
        elif isinstance(item, ScalarNode) and isinstance(item.value, str):
            yield item.value

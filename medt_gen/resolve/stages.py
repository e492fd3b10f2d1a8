"""`Stage`: a block repeated `depth` times, the first one with the stage's stride."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medt_gen.algebra.terms import constant
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import counted
from medt_gen.resolve.arguments import unknown_argument, written_for
from medt_gen.resolve.environment import argument_value
from medt_gen.resolve.scope import Scope
from medt_gen.spec.declarations import (
    ClassDeclaration,
    ModuleDeclaration,
    TypeReference,
    Written,
)
from medt_gen.spec.nodes import Key, ListNode, ScalarNode
from medt_gen.spec.read_modules import BLOCK, DEPTH, DROP_PATH, STRIDE


@dataclass(frozen=True)
class Stage:
    """What a stage repeats, how often, and the arguments of the blocks.

    `drop_path` is what each of them is given for itself, if anything is.
    """

    block: TypeReference
    depth: int
    first: dict[str, Written]
    rest: dict[str, Written]
    drop_path: tuple[Written, ...] = ()

    def arguments(self, index: int) -> dict[str, Written]:
        """Those of one of the blocks."""
        given = self.rest if index else self.first
        if not self.drop_path:
            return given
        return {**given, DROP_PATH.name: self.drop_path[index]}


def read_stage(
    scope: Scope, declaration: ModuleDeclaration, arguments: Mapping[str, Written]
) -> Stage | Faulty:
    """The stage that `arguments` describe."""
    first = dict(arguments)
    block = _block(declaration, first.pop(BLOCK.name, None), scope.problems)
    depth = _depth(first.pop(DEPTH.name, None), scope)
    if block is FAULTY or depth is FAULTY:
        return FAULTY
    drop_path = _drop_path(first.get(DROP_PATH.name), depth.number, scope.problems)
    if drop_path is FAULTY:
        return FAULTY
    found = scope.session.types.find(block, scope.environment)
    kind = found.type if found else None
    if isinstance(kind, ClassDeclaration):
        if not _all_known(kind, first, block, scope.problems):
            return FAULTY
        if not _strided_by_default(kind):
            one = ScalarNode(1, declaration.place)
            stride = Written(Key(STRIDE.name, declaration.place), one)
            rest = {**first, STRIDE.name: stride}
            return Stage(block, depth.number, first, rest, drop_path)
    rest = {name: given for name, given in first.items() if name != STRIDE.name}
    return Stage(block, depth.number, first, rest, drop_path)


def _drop_path(
    given: Written | None, depth: int, problems: Problems
) -> tuple[Written, ...] | Faulty:
    """A list has one for each block; anything else is for all of them."""
    if given is None or not isinstance(given.node, ListNode):
        return ()
    items = given.node.items
    if len(items) == depth:
        return tuple(Written(given.key, item) for item in items)
    listed, blocks = counted(len(items), "number"), counted(depth, "block")
    problems.error(
        "wrong-value",
        f"`drop_path` lists {listed}, and this stage has {blocks}",
        given.node.place,
        f"list {depth}, or write one number for all",
    )
    return FAULTY


def children(
    declaration: ModuleDeclaration, stage: Stage
) -> Iterator[ModuleDeclaration]:
    """The blocks of a stage, one after the other: there may be very many."""
    for index in range(stage.depth):
        yield ModuleDeclaration(
            Key(str(index), declaration.key.place),
            stage.block,
            stage.arguments(index),
            declaration.place,
            path=f"{declaration.label}.{index}",
        )


def _block(
    declaration: ModuleDeclaration, given: Written | None, problems: Problems
) -> TypeReference | Faulty:
    if given is None:
        problems.error(
            "missing-argument",
            "`Stage` needs `block`",
            declaration.type.place,
            "add `block:`, the type that the stage repeats",
        )
        return FAULTY
    if isinstance(given.node, ScalarNode) and isinstance(given.node.value, str):
        return TypeReference(given.node.value, given.node.place, given.key.former)
    problems.error(
        "wrong-value",
        "`block` is the name of a block",
        given.node.place,
        "write a name such as `AxialBlock`, or declare the block under `blocks:`",
    )
    return FAULTY


def _depth(given: Written | None, scope: Scope) -> Any:
    if given is None:
        return constant(1)
    return argument_value(
        DEPTH.name, given.node, POSITIVE, scope.environment, scope.problems
    )


def _all_known(
    block: ClassDeclaration,
    given: Mapping[str, Written],
    reference: TypeReference,
    problems: Problems,
) -> bool:
    """Whether the block takes what the stage passes on; otherwise it is named here."""
    names = {*block.declared_parameters, "in_channels"}
    wrong = [item for name, item in given.items() if name not in names]
    owner = f"Stage` of `{block.name}"
    known = [*block.parameters, BLOCK.name, DEPTH.name]
    for item in written_for(owner, wrong, reference.place, problems):
        unknown_argument(owner, item, known, problems)
    return not wrong


def _strided_by_default(block: ClassDeclaration) -> bool:
    """Whether leaving `stride` out means stride 1 (or that there is none)."""
    declared = block.parameters.get(STRIDE.name)
    if declared is None:
        return True
    if isinstance(declared.default, ListNode):
        items = declared.default.items
        return all(isinstance(x, ScalarNode) and x.value == 1 for x in items)
    return isinstance(declared.default, ScalarNode) and declared.default.value == 1

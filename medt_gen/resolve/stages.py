"""`Stage`: a block repeated `depth` times, the first one with the stage's stride."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from medt_gen.algebra.terms import constant
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.problems import Problems
from medt_gen.resolve.environment import MISSING, Environment, argument_value
from medt_gen.resolve.leaves import unknown_argument
from medt_gen.resolve.types import Types
from medt_gen.spec.declarations import (
    ClassDeclaration,
    ModuleDeclaration,
    TypeReference,
    Written,
)
from medt_gen.spec.nodes import Key, ScalarNode


@dataclass(frozen=True)
class Stage:
    """What a stage repeats, how often, and the arguments of the blocks."""

    block: TypeReference
    depth: int
    first: dict[str, Written]
    rest: dict[str, Written]


def read_stage(
    declaration: ModuleDeclaration,
    arguments: dict[str, Written],
    environment: Environment,
    types: Types,
    problems: Problems,
) -> Stage | None:
    """The stage that `arguments` describe; None after a complaint."""
    first = dict(arguments)
    block = _block(declaration, first.pop("block", None), problems)
    depth = _depth(first.pop("depth", None), environment, problems)
    if block is None or depth is MISSING:
        return None
    if not _all_known(block, first, environment, types, problems):
        return None
    rest = {name: given for name, given in first.items() if name != "stride"}
    if not _strided_by_default(block, environment, types):
        one = ScalarNode(1, declaration.place)
        rest["stride"] = Written(Key("stride", declaration.place), one)
    return Stage(block, depth.number, first, rest)


def children(
    declaration: ModuleDeclaration, stage: Stage
) -> Iterator[ModuleDeclaration]:
    """The blocks of a stage, one after the other: there may be very many."""
    for index in range(stage.depth):
        yield ModuleDeclaration(
            Key(str(index), declaration.key.place),
            stage.block,
            stage.rest if index else stage.first,
            declaration.place,
            path=f"{declaration.label}.{index}",
        )


def _block(
    declaration: ModuleDeclaration, given: Written | None, problems: Problems
) -> TypeReference | None:
    if given is None:
        problems.error(
            "missing-argument",
            "`Stage` needs `block`",
            declaration.type.place,
            "add `block:`, the type that the stage repeats",
        )
        return None
    if isinstance(given.node, ScalarNode) and isinstance(given.node.value, str):
        return TypeReference(given.node.value, given.node.place)
    problems.error(
        "wrong-value",
        "`block` is the name of a block",
        given.node.place,
        "write a name such as `AxialBlock`, or declare the block under `blocks:`",
    )
    return None


def _depth(given: Written | None, environment: Environment, problems: Problems) -> Any:
    if given is None:
        return constant(1)
    return argument_value("depth", given.node, POSITIVE, environment, problems)


def _all_known(
    block: TypeReference,
    given: dict[str, Written],
    environment: Environment,
    types: Types,
    problems: Problems,
) -> bool:
    """Whether the block takes what the stage passes on; otherwise it is named here."""
    found = types.resolve(block, environment, Problems())
    if found is None or not isinstance(found.type, ClassDeclaration):
        return True
    kind = found.type
    names = {*kind.parameters, *kind.broken_parameters, "in_channels"}
    wrong = [item for name, item in given.items() if name not in names]
    for item in wrong:
        known = [*kind.parameters, "block", "depth"]
        unknown_argument(f"Stage` of `{kind.name}", item, known, problems)
    return not wrong


def _strided_by_default(
    block: TypeReference, environment: Environment, types: Types
) -> bool:
    """Whether leaving `stride` out means stride 1 (or that there is none)."""
    found = types.resolve(block, environment, Problems())
    if found is None or not isinstance(found.type, ClassDeclaration):
        return True
    declared = found.type.parameters.get("stride")
    if declared is None:
        return True
    return isinstance(declared.default, ScalarNode) and declared.default.value == 1

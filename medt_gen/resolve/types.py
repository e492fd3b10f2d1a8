"""Type names -> layers, blocks and containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from medt_gen.algebra.terms import Term
from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.catalog.entries import LayerType
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.resolve.environment import MISSING, Environment
from medt_gen.spec.declarations import ClassDeclaration, TypeReference, Written
from medt_gen.spec.nodes import MappingNode, ScalarNode

Type = LayerType | ClassDeclaration | str


@dataclass(frozen=True)
class Resolved:
    """A type, with the arguments that came along in a parameter."""

    type: Type
    arguments: dict[str, Written]


class Types:
    """The layers of the catalog and the blocks that this spec can name.

    `broken` names blocks that have been complained of: using one is no second mistake.
    """

    def __init__(
        self,
        blocks: Mapping[str, ClassDeclaration],
        broken: frozenset[str] = frozenset(),
    ) -> None:
        self.blocks = blocks
        self.broken = broken

    def names(self) -> list[str]:
        """Every name that `type:` accepts."""
        return [*LAYERS, *self.blocks, *CONTAINERS, STAGE]

    def resolve(
        self, reference: TypeReference, environment: Environment, problems: Problems
    ) -> Resolved | None:
        """What a module's `type:` stands for; None after a complaint."""
        if reference.parameter is None:
            return self._named(reference.text, reference.place, problems)
        if reference.parameter not in environment:
            problems.error(
                "unknown-parameter",
                f"there is no parameter `{shown(reference.text)}` here",
                reference.place,
                did_you_mean(reference.parameter, environment, "$"),
            )
            return None
        return self._held(reference, environment[reference.parameter], problems)

    def _named(self, name: str, place: Place, problems: Problems) -> Resolved | None:
        found: Type | None = LAYERS.get(name) or self.blocks.get(name)
        if name in (*CONTAINERS, STAGE):
            found = name
        if found is None and name not in self.broken:
            problems.error(
                "unknown-type",
                f"there is no module type `{shown(name)}`",
                place,
                did_you_mean(name.rpartition(".")[2], self.names()),
            )
        return None if found is None else Resolved(found, {})

    def _held(
        self, reference: TypeReference, value: object, problems: Problems
    ) -> Resolved | None:
        if isinstance(value, Term) and isinstance(value.value, str):
            return self._named(value.value, reference.place, problems)
        if isinstance(value, MappingNode):
            return self._mapped(value, problems)
        if value is MISSING:
            return None
        problems.error(
            "wrong-value",
            f"`{shown(reference.text)}` does not hold a type",
            reference.place,
            "give the parameter a type, such as `BatchNorm2d`",
        )
        return None

    def _mapped(self, node: MappingNode, problems: Problems) -> Resolved | None:
        name = node.items.get("type")
        if not isinstance(name, ScalarNode) or not isinstance(name.value, str):
            problems.error(
                "missing-type",
                "a module in a parameter needs `type:`",
                node.place,
                "write `{type: GroupNorm, num_groups: 4}`",
            )
            return None
        found = self._named(name.value, name.place, problems)
        if found is None:
            return None
        arguments = {
            key: Written(node.keys[key], item)
            for key, item in node.items.items()
            if key != "type"
        }
        return Resolved(found.type, arguments)

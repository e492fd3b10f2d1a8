"""Type names -> layers, blocks and containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from medt_gen.algebra.terms import Term
from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, PARAMETER, STAGE
from medt_gen.catalog.elsewhere import LAYERS_ELSEWHERE
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.extensions.find import unused
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, first_of, shown
from medt_gen.resolve.environment import Environment, Given, in_words
from medt_gen.resolve.python_calls import written_call
from medt_gen.spec.declarations import ClassDeclaration, TypeReference, Written
from medt_gen.spec.nodes import MappingNode, ScalarNode


@dataclass(frozen=True)
class Container:
    """A type that only holds modules, or repeats one: it is known by its name."""

    name: str


@dataclass(frozen=True)
class OpenClass:
    """The class of an open module: no type, and known by what it prints alone."""

    name: str


@dataclass(frozen=True)
class FoundType:
    """A type, with the arguments that came along in a parameter."""

    type: LayerType | ClassDeclaration | Container | OpenClass
    arguments: Mapping[str, Written]


_CONTAINERS = {name: Container(name) for name in (*CONTAINERS, STAGE, PARAMETER)}


class Types:
    """The layers of the catalog and the blocks that this spec can name.

    A FAULTY block has been complained of: using it is no second mistake.
    """

    def __init__(self, blocks: Mapping[str, ClassDeclaration | Faulty]) -> None:
        self.blocks = blocks

    def names(self) -> list[str]:
        """Every name that `type:` accepts."""
        blocks = [name for name, block in self.blocks.items() if block is not FAULTY]
        return [*LAYERS, *blocks, *_CONTAINERS, *FOREIGN]

    def find(
        self, reference: TypeReference, environment: Environment
    ) -> FoundType | None:
        """What a module's `type:` stands for, or None; nobody hears of a mistake."""
        if reference.open:
            return FoundType(OpenClass(reference.text), {})
        if reference.parameter is None:
            return self._named(reference.text)
        value = environment.get(reference.parameter)
        if isinstance(value, Term) and isinstance(value.value, str):
            return self._named(value.value)
        if not isinstance(value, MappingNode):
            return None
        name = value.items.get("type")
        if not isinstance(name, ScalarNode) or not isinstance(name.value, str):
            return None
        found = self._named(name.value)
        return None if found is None else FoundType(found.type, _arguments(value))

    def resolve(
        self, reference: TypeReference, environment: Environment, problems: Problems
    ) -> FoundType | Faulty:
        """What a module's `type:` stands for."""
        found = self.find(reference, environment)
        if found is None:
            self._complain(reference, environment, problems)
            return FAULTY
        return found

    def _named(self, name: str) -> FoundType | None:
        ours = LAYERS.get(name) or _CONTAINERS.get(name) or self.blocks.get(name)
        # A block may have the name of a class of another library.
        found = ours or FOREIGN.get(name)
        return None if found is None or found is FAULTY else FoundType(found, {})

    def _complain(
        self, reference: TypeReference, environment: Environment, problems: Problems
    ) -> None:
        if reference.parameter is None:
            self._unknown_name(reference.text, reference.place, problems)
        elif reference.parameter not in environment:
            problems.error(
                "unknown-parameter",
                f"there is no parameter `{shown(reference.text)}` here",
                reference.place,
                did_you_mean(reference.parameter, environment, "$"),
            )
        else:
            self._complain_of_value(reference, environment, problems)

    def _complain_of_value(
        self, reference: TypeReference, environment: Environment, problems: Problems
    ) -> None:
        value = environment[reference.parameter or ""]
        name = reference.parameter or ""
        given = environment.written.get(name, Given(name, reference.place))
        used = Note("used here, as a `type:`", reference.place)
        if isinstance(value, Term) and isinstance(value.value, str):
            self._unknown_name(value.value, given.place, problems, used)
        elif isinstance(value, MappingNode):
            self._complain_of_mapping(value, problems)
        elif value is not FAULTY:
            problems.error(
                "wrong-value",
                f"`{shown(given.name)}` must be a type, and {in_words(value)}",
                given.place,
                "give the parameter a type, such as `BatchNorm2d`",
                used,
            )

    def _complain_of_mapping(self, node: MappingNode, problems: Problems) -> None:
        name = node.items.get("type")
        if isinstance(name, ScalarNode) and isinstance(name.value, str):
            self._unknown_name(name.value, name.place, problems)
            return
        problems.error(
            "missing-type",
            "a module in a parameter needs `type:`",
            node.place,
            "write `{type: GroupNorm, num_groups: 4}`",
        )

    def _unknown_name(
        self, name: str, place: Place, problems: Problems, *notes: Note
    ) -> None:
        if self.blocks.get(name) is FAULTY:
            return
        if "#" in name:
            fix = (
                f"a comment stands apart: write `{shown(name.replace('#', ' # ', 1))}`"
            )
            text = f"there is no module type `{shown(name)}`"
            problems.error("unknown-type", text, place, fix, *notes)
            return
        if "(" in name:
            problems.error(
                "unknown-type",
                f"`{shown(name)}` is a call in Python, and a module here is its type "
                "with arguments",
                place,
                written_call(name),
                *notes,
            )
            return
        word = name.rpartition(".")[2]
        other = LAYERS_ELSEWHERE.get(word.casefold().replace("_", ""))
        problems.error(
            "unknown-type",
            f"there is no module type `{shown(name)}`",
            place,
            f"did you mean `{other}`?" if other else self._near(word),
            *notes,
        )

    def _near(self, word: str) -> str:
        near = did_you_mean(word, self.names()) or (
            "types are the layers of torch.nn that docs/language.md lists, "
            "the blocks that ship, and those of this spec under `blocks:`"
        )
        plugins = unused()
        if not plugins:
            return near
        named = first_of(plugins, 3, "`")
        return f"{near} (installed and not used: the plugin {named}; --plugin names it)"


def _arguments(node: MappingNode) -> dict[str, Written]:
    """What a module in a parameter is given besides its type."""
    return {
        key: Written(node.keys[key], item)
        for key, item in node.items.items()
        if key != "type"
    }

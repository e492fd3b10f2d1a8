"""A spec as it is declared: names, types and pipes, before anything is computed.

`keys` has what each key says, by its entry; what many ask for has a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from medt_gen.algebra.expressions import Expression
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.spec.keys import NO_KEYS, KeyValues
from medt_gen.spec.nodes import Former, Key, MappingNode, Node, ScalarNode
from medt_gen.spec.pipes import Name, Pipe

INPUT = "x"
"""What the input of a class is called that names none."""


@dataclass(frozen=True)
class Written:
    """An argument as it is written."""

    key: Key
    node: Node


@dataclass(frozen=True)
class TypeReference:
    """The type of a module: a name, or `$parameter` that holds one.

    `former` is the type that a change has replaced by it. An `open` one is the printed
    class of a module that is of no type.
    """

    text: str
    place: Place
    former: Former | None = None
    open: bool = False

    @property
    def parameter(self) -> str | None:
        """The parameter's name, where the type is one."""
        held = self.text.startswith("$") and not self.open
        return self.text[1:] if held else None


@dataclass(frozen=True)
class Condition:
    """`when:`, with the place where it is written."""

    expression: Expression
    place: Place


@dataclass(frozen=True)
class ModuleDeclaration:
    """A module as it is declared; `children` only for containers.

    An `unused` one is never called; `unused_on` is the value that it has the sizes for.
    `path` is what messages call it: from the class down, such as `downsample.1`.
    """

    key: Key
    type: TypeReference
    arguments: dict[str, Written]
    place: Place
    children: tuple[ModuleDeclaration, ...] | None = None
    when: Condition | None = None
    unused: bool = False
    unused_on: Name | None = None
    path: str = ""
    keys: KeyValues = NO_KEYS

    @property
    def name(self) -> str:
        """The attribute's name, as printed."""
        return self.key.name

    @property
    def label(self) -> str:
        """What messages call it."""
        return self.path or self.name


@dataclass(frozen=True)
class PatchStep:
    """`patches:`, a flow of its own that runs on every patch of a value."""

    of: ScalarNode
    grid: Node
    name: str
    batch_statistics: bool
    forward: Steps
    place: Place
    keys: KeyValues = NO_KEYS


@dataclass(frozen=True)
class Outputs:
    """What a network gives: values by key, as a dict, or a tuple where not `keyed`."""

    values: Mapping[str, Name]
    keyed: bool
    place: Place


@dataclass(frozen=True)
class Step:
    """A named pipe, a named patch step, or the several outputs of a network."""

    key: Key
    body: Pipe | PatchStep | Outputs


@dataclass(frozen=True)
class ParameterDeclaration:
    """A parameter: its default, or the type that a caller must give."""

    key: Key
    default: Node | None
    type: str


Parameters = Mapping[str, ParameterDeclaration | Faulty]
Modules = Mapping[str, ModuleDeclaration | Faulty]
Steps = Mapping[str, Step | Faulty]
"""What is FAULTY has been complained of: what uses it is no second mistake."""

Declared = TypeVar("Declared")


def good_ones(declared: Mapping[str, Declared | Faulty]) -> tuple[Declared, ...]:
    """What could be read, in written order."""
    return tuple(item for item in declared.values() if item is not FAULTY)


@dataclass(frozen=True, eq=False)
class ClassDeclaration:
    """A network or a block: parameters, modules and flow."""

    name: str
    place: Place
    declared_parameters: Parameters
    declared_modules: Modules | Faulty
    construct_first: tuple[Name, ...]
    forward: Steps | None
    construct_again: tuple[Name, ...] = ()
    inputs: tuple[str, ...] = (INPUT,)
    keys: KeyValues = NO_KEYS
    shipped: bool = False
    block: str = ""
    node: MappingNode | None = field(default=None, repr=False)

    @cached_property
    def parameters(self) -> dict[str, ParameterDeclaration]:
        """The parameters that could be read, by name."""
        declared = self.declared_parameters.items()
        return {name: item for name, item in declared if item is not FAULTY}

    @cached_property
    def modules(self) -> tuple[ModuleDeclaration, ...]:
        """The modules that could be read, in written order."""
        if self.declared_modules is FAULTY:
            return ()
        return good_ones(self.declared_modules)

    @property
    def reference(self) -> str:
        """What `type:` calls it: a block's key, which may not be its printed class."""
        return self.block or self.name

    def module(self, name: str) -> ModuleDeclaration | Faulty | None:
        """The module called `name`; None where there is none."""
        if self.declared_modules is FAULTY:
            return FAULTY
        return self.declared_modules.get(name)


@dataclass(frozen=True)
class InputSize:
    """The size of each axis, and where it is written."""

    axes: tuple[int, ...]
    place: Place


@dataclass(frozen=True)
class InputDeclaration:
    """`input:`, what goes into a network; `largest` is the most that may, if given."""

    channels: int
    size: InputSize
    largest: InputSize | None = None


@dataclass(frozen=True)
class NetworkDeclaration:
    """A whole spec.

    `place` is where the network as a whole is shown: its `modules:`.
    """

    root: ClassDeclaration
    input: InputDeclaration | Faulty
    place: Place

"""What is known while one class is being resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medt_gen.declarations import ClassDeclaration
from medt_gen.diagnostics import Place
from medt_gen.network import Module
from medt_gen.problems import Problems
from medt_gen.resolve.types import Types
from medt_gen.terms import Shape


@dataclass(frozen=True)
class Limits:
    """Budgets: what a network may hold before it is refused, all by arithmetic."""

    modules: int = 100_000
    parameters: int = 2_000_000_000
    buffers: int = 2_000_000_000
    activations: int = 20_000_000_000


@dataclass(frozen=True)
class Value:
    """A tensor on its way: its shape, None after an error, and what it may alias.

    `root` is the named value whose memory this may share; None for a fresh tensor.
    `origin` is the place that explains its shape.
    """

    shape: Shape | None
    root: str | None = None
    origin: Place | None = None


@dataclass
class Called:
    """A module that has been called: what it was resolved to, and how often."""

    module: Module
    shape: Shape
    output: Value
    place: Place
    calls: int
    patches: int


@dataclass
class Scope:
    """One class being resolved: its declaration, parameters and calls so far."""

    declaration: ClassDeclaration
    environment: Mapping[str, Any]
    patches: int = 1
    called: dict[str, Called] = field(default_factory=dict)
    repeats: int = 1
    mixed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)


@dataclass
class Session:
    """One resolution: what all classes of a network share."""

    types: Types
    problems: Problems
    limits: Limits
    modules: int = 0
    depth: int = 0
    instances: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)

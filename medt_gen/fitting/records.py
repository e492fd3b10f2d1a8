"""What is found of a checkpoint and a network: rules, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from medt_gen.messages.wording import counted
from medt_gen.paths.keys import Shape

Evidence = Literal["names", "shapes", "order"]
"""What a rename rests on: parts of names that are shared, shapes that occur once, or
nothing but the same order among neighbours."""

RuleKind = Literal["prefix", "rename"]


@dataclass(frozen=True)
class Rule:
    """One change of names that leads from the checkpoint's keys to the network's.

    Attributes:
        kind: a `prefix` of the whole, or a `rename` inside of paths.
        before, after: the part of the path on either side; one may be empty.
        keys: the checkpoint's keys with the network's.
        evidence: what it rests on.
        places: in how many modules it applies.
    """

    kind: RuleKind
    before: str
    after: str
    keys: tuple[tuple[str, str], ...] = field(repr=False)
    evidence: Evidence = "names"
    places: int = 0

    @property
    def words(self) -> str:
        """One line for people; what rests on the order alone is marked."""
        keys = counted(len(self.keys), "key")
        if self.kind == "prefix" and self.before:
            return f"prefix `{self.before}` taken off {keys}"
        if self.kind == "prefix":
            return f"prefix `{self.after}` put before {keys}"
        where = counted(self.places, "module")
        change = f"renamed {self.before} -> {self.after} in {where} ({keys})"
        return f"{change}{_SURE[self.evidence]}"


_SURE: Mapping[Evidence, str] = {
    "names": "",
    "shapes": ": no other has these shapes",
    "order": ": BY ORDER ALONE, names and shapes do not tell",
}


@dataclass(frozen=True)
class Mismatch:
    """A key of both whose shapes differ.

    Attributes:
        key, source: the network's key, and the checkpoint's.
        stored, wanted: the shape in the checkpoint, and in the network.
        reason: why, in words; "" where the architecture does not tell it.
    """

    key: str
    source: str
    stored: Shape
    wanted: Shape
    reason: str = ""


@dataclass(frozen=True)
class Ambiguity:
    """Keys that may stand for each other in more than one way."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """An override of the spec that makes more of the checkpoint fit.

    `option` is what to write behind `--set`, `reason` what differs, in words, and
    `keys` are those that agree with it.
    """

    option: str
    reason: str
    keys: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Matching:
    """Which key is which, by names and shapes alone.

    Attributes:
        pairs: the network's keys with the checkpoint's, whatever their shapes.
        rules: the changes of names that lead there.
        missing: keys of the network that nothing stands for.
        unexpected: keys of the checkpoint that stand for nothing.
        ambiguous: keys that may stand for each other in several ways.
    """

    pairs: Mapping[str, str]
    rules: tuple[Rule, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    ambiguous: tuple[Ambiguity, ...] = ()

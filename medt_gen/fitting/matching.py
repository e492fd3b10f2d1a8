"""Keys of a checkpoint against those of a network: pairs, rules, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from medt_gen.fitting.edits import Edit
from medt_gen.fitting.records import Ambiguity, Evidence, Matching, Rule
from medt_gen.fitting.renames import Pairing, Unit, renamed, units_of
from medt_gen.paths.keys import PartialShapes, Shape, join
from medt_gen.paths.prefixes import PrefixChange, without_prefixes


def match(stored: PartialShapes, wanted: PartialShapes) -> Matching:
    """Which key of the checkpoint stands for which of the network.

    Equal names come first, after prefixes; whatever their shapes. A shape that is None
    is not known.
    """
    stripped = without_prefixes(list(stored), wanted)
    named = {name: key for key, name in stripped.names.items()}
    pairs = {name: named[name] for name in wanted if name in named}
    state = _State(
        {name: stored[key] for name, key in named.items() if name not in wanted},
        {name: shape for name, shape in wanted.items() if name not in named},
        named,
    )
    state.take_modules()
    state.take_keys()
    pairs |= state.pairs
    matched = set(pairs.values())
    # A prefix without which nothing matches either is none.
    prefixes = (
        change
        for change in stripped.changes
        if any(key in matched for key, _ in change.keys)
    )
    renames = (rule.done(edit) for edit, rule in state.rules.items())
    return Matching(
        {key: pairs[key] for key in wanted if key in pairs},
        (*map(_prefix_rule, prefixes), *renames),
        tuple(key for key in wanted if key not in pairs),
        tuple(named[name] for name in state.left),
        tuple(state.ambiguous),
    )


def _prefix_rule(change: PrefixChange) -> Rule:
    keys = change.keys
    return Rule("prefix", change.before, change.after, keys, places=len(keys))


class _State:
    """What is still to be matched: names of the checkpoint, and of the network."""

    def __init__(
        self,
        left: dict[str, Shape | None],
        right: dict[str, Shape | None],
        named: Mapping[str, str],
    ) -> None:
        self.left = left
        self.right = right
        self.named = named
        self.pairs: dict[str, str] = {}
        self.rules: dict[Edit, _Growing] = {}
        self.ambiguous: list[Ambiguity] = []

    def take_modules(self) -> None:
        """Match modules as wholes: their tensors stand for each other leaf by leaf."""
        found = renamed(units_of(self.left), units_of(self.right))
        leaves = _leaves(self.left)
        for pairing in found.pairings:
            self._take(
                pairing,
                {
                    source: [
                        (join(source.origin, leaf), join(target.path, leaf))
                        for leaf in leaves[source.origin]
                    ]
                    for source, target in pairing.pairs
                },
            )

    def take_keys(self) -> None:
        """Match what is left key by key: leaves may have other names, too."""
        found = renamed(
            units_of(self.left, self.left), units_of(self.right, self.right)
        )
        for pairing in found.pairings:
            pairs = {s: [(s.origin, target.path)] for s, target in pairing.pairs}
            self._take(pairing, pairs)
        self.ambiguous = [
            Ambiguity(tuple(self.named[name] for name in item.sources), item.targets)
            for item in found.ambiguous
        ]

    def _take(
        self, pairing: Pairing, names: Mapping[Unit, list[tuple[str, str]]]
    ) -> None:
        """Note the pairs of units, by their names, under the rules that led there."""
        for unit, pairs in names.items():
            keys = [(self.named[name], target) for name, target in pairs]
            edits = (*unit.through, *([pairing.edit] if pairing.edit.before else []))
            for edit in edits:
                last = edit == pairing.edit
                rule = self.rules.setdefault(
                    edit, _Growing(pairing.evidence if last else "names")
                )
                rule.keys += keys
                rule.places += 1
            for name, target in pairs:
                self.pairs[target] = self.named[name]
                del self.left[name], self.right[target]


@dataclass
class _Growing:
    """A rule that more and more keys follow."""

    evidence: Evidence
    keys: list[tuple[str, str]] = field(default_factory=list)
    places: int = 0

    def done(self, edit: Edit) -> Rule:
        """The rule with all its keys."""
        shift = f" {edit.shift:+d}" if edit.shift else ""
        after = f"{edit.after}{shift}"
        keys = tuple(self.keys)
        return Rule("rename", edit.before, after, keys, self.evidence, self.places)


def _leaves(shapes: Mapping[str, object]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in shapes:
        path, _, leaf = key.rpartition(".")
        found.setdefault(path, []).append(leaf)
    return found

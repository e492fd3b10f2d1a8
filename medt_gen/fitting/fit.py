"""Why weights don't load, or that they do: the answer as one record."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from medt_gen.fitting.matching import match
from medt_gen.fitting.reasons import explained
from medt_gen.fitting.records import (
    Ambiguity,
    Matching,
    Mismatch,
    Rule,
    Suggestion,
)
from medt_gen.fitting.sides import (
    Target,
    Weights,
    read_target,
    read_weights_side,
    target_of_model,
    target_of_spec,
    wanted_side,
)
from medt_gen.fitting.suggestions import suggested
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.paths.keys import PartialShapes, Shape
from medt_gen.paths.prefixes import without_prefixes

if TYPE_CHECKING:
    from torch import nn

_MOST_SUGGESTED = 2_000


@dataclass(frozen=True)
class Fit:
    """Which keys of some weights stand for which of a network, and what is in the way.

    Attributes:
        weights, target: the two sides.
        pairs: the network's keys with the weights' keys that stand for them.
        rules: the changes of names that lead there, prefixes first.
        missing: keys of the network that nothing stands for.
        unexpected: keys of the weights that stand for nothing.
        mismatches: keys of both whose shapes differ, each with its reason.
        ambiguous: keys that may stand for each other in several ways.
        untold: keys of the weights in modules of which a printout does not tell what
            they hold.
        suggestions: what to `--set` so that the spec fits, where it is one.
        remaining: how many keys differ after that.
    """

    weights: Weights
    target: Target
    pairs: Mapping[str, str] = field(repr=False)
    rules: tuple[Rule, ...] = ()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    untold: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    remaining: int = 0

    @property
    def agrees(self) -> bool:
        """Whether every key of either side has its partner, of an equal shape."""
        return not (self.missing or self.unexpected or self.mismatches)

    @property
    def loads(self) -> bool:
        """Whether the weights load as they are, or after taking off a shared prefix."""
        return self.agrees and all(rule.kind == "prefix" for rule in self.rules)

    @property
    def by_order(self) -> tuple[Rule, ...]:
        """The rules that rest on the order among neighbours alone."""
        return tuple(rule for rule in self.rules if rule.evidence == "order")

    def text(self) -> str:
        """The answer for people, a screen of it."""
        from medt_gen.fitting.report import as_text

        return as_text(self)

    def load_into(self, model: nn.Module, *, by_order: bool = False) -> None:
        """Load the weights, renamed, into a model with strict=True.

        Raises InvalidInput where they do not fit, or where a rename rests on the order
        alone and `by_order` is not given; UnreadableInput where they are only a text.
        """
        from medt_gen.fitting.convert import converted
        from medt_gen.fitting.options import Changes

        found = converted(self, Changes(by_order=by_order))
        model.load_state_dict(dict(found.tensors), strict=True)


def fit(
    weights: str | os.PathLike[str],
    target: str | os.PathLike[str] | Spec | nn.Module | None = None,
    *,
    key: str | None = None,
    drop: Sequence[str] = (),
    overrides: Sequence[str] = (),
    number: int | None = None,
) -> Fit:
    """Match weights with a network; `number` picks one of several printouts."""
    side = read_weights_side(os.fspath(weights), key)
    return fit_sides(side, _target(side, target, number, overrides), drop)


def _target(
    side: Weights,
    target: str | os.PathLike[str] | Spec | nn.Module | None,
    number: int | None,
    overrides: Sequence[str],
) -> Target:
    if target is None:
        model = side.error.model if side.error else ""
        error = side.error
        return Target("", "none", {}) if error is None else wanted_side(error, model)
    if isinstance(target, str | os.PathLike):
        found = read_target(os.fspath(target), number, overrides)
    elif isinstance(target, Spec):
        found = target_of_spec(target)
    else:
        found = target_of_model(target)
    return found if side.error is None else _as_the_error_says(side, found)


def _as_the_error_says(side: Weights, target: Target) -> Target:
    """The target without the keys that matched, of which the error says nothing."""
    assert side.error is not None
    error = wanted_side(side.error, target.name)
    shapes = {
        key: shape or target.shapes.get(key) for key, shape in error.shapes.items()
    }
    return replace(target, shapes=shapes, spec=None)


def fit_sides(side: Weights, target: Target, drop: Sequence[str] = ()) -> Fit:
    """Match two sides; keys under the prefixes `drop` are left out."""
    stored = _kept(side.shapes, target, drop)
    found = match(stored, target.shapes)
    mismatches = _mismatches(found, stored, target)
    names = {key: name for name, key in found.pairs.items()}
    for rule in found.rules:
        if rule.kind == "prefix":
            names.update({key: name for key, name in rule.keys if key not in names})
    untold = tuple(
        key for key in found.unexpected if target.is_untold(names.get(key, key))
    )
    result = Fit(
        side,
        target,
        found.pairs,
        found.rules,
        found.missing,
        tuple(key for key in found.unexpected if key not in set(untold)),
        mismatches,
        found.ambiguous,
        untold,
    )
    return _with_reasons(result, stored, names)


def _kept(
    shapes: PartialShapes, target: Target, drop: Sequence[str]
) -> dict[str, Shape | None]:
    """The keys that are not under a dropped prefix, be it with a wrapper's or without.

    Raises UnreadableInput for a prefix that no key has.
    """
    if not drop:
        return dict(shapes)
    names = without_prefixes(list(shapes), target.shapes).names
    kept = dict(shapes)
    for prefix in drop:
        gone = [key for key in shapes if _is_under(prefix, key, names[key])]
        if not gone:
            firsts = {name.partition(".")[0] for name in names.values()}
            raise UnreadableInput(
                Diagnostic(
                    "usage",
                    f"--drop {shown(prefix)}: no key of the weights is under that",
                    help=did_you_mean(prefix, firsts),
                )
            )
        for key in gone:
            kept.pop(key, None)
    return kept


def _is_under(prefix: str, *names: str) -> bool:
    path = prefix.rstrip(".")
    return any(name == path or name.startswith(f"{path}.") for name in names)


def _mismatches(
    found: Matching, stored: PartialShapes, target: Target
) -> tuple[Mismatch, ...]:
    return tuple(
        Mismatch(name, key, one, two)
        for name, key in found.pairs.items()
        if (one := stored[key]) is not None
        and (two := target.shapes[name]) is not None
        and one != two
    )


def _with_reasons(
    result: Fit,
    stored: PartialShapes,
    names: Mapping[str, str],
) -> Fit:
    """The fit with why shapes differ: by what would mend a spec, else by the shapes."""
    reasons = explained(result.mismatches, list(result.target.shapes))
    suggestions: tuple[Suggestion, ...] = ()
    remaining = 0
    spec = result.target.spec
    differing = len(result.mismatches) + len(result.missing) + len(result.unexpected)
    if spec is not None and 0 < differing <= _MOST_SUGGESTED:
        named = {names.get(key, key): shape for key, shape in stored.items()}
        found = suggested(spec, named)
        suggestions, remaining = found.suggestions, found.left
        for item in suggestions:
            reasons |= dict.fromkeys(item.keys, item.reason)
    mismatches = tuple(
        replace(item, reason=reasons.get(item.key, "")) for item in result.mismatches
    )
    return replace(
        result, mismatches=mismatches, suggestions=suggestions, remaining=remaining
    )

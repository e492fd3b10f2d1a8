"""A fit for people, on one screen, and for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from medt_gen.fitting.describe import described
from medt_gen.fitting.fit import Fit
from medt_gen.fitting.records import Mismatch
from medt_gen.messages.wording import counted, first_of, shown
from medt_gen.printouts.summary import common_path, pattern

_MOST_GROUPS = 8
_MOST_NAMED = 6


def as_json(fit: Fit) -> dict[str, Any]:
    """The fit as plain data."""
    return {
        "weights": {"name": fit.weights.name, "kind": fit.weights.kind},
        "target": {"name": fit.target.name, "kind": fit.target.kind},
        "loads": fit.loads,
        "matched": len(fit.pairs) - len(fit.mismatches),
        "rules": [
            {
                "kind": rule.kind,
                "before": rule.before,
                "after": rule.after,
                "evidence": rule.evidence,
                "keys": [list(pair) for pair in rule.keys],
            }
            for rule in fit.rules
        ],
        "missing": list(fit.missing),
        "unexpected": list(fit.unexpected),
        "mismatches": [
            {
                "key": item.key,
                "source": item.source,
                "stored": list(item.stored),
                "wanted": list(item.wanted),
                "reason": item.reason,
            }
            for item in fit.mismatches
        ],
        "ambiguous": [
            {"sources": list(item.sources), "targets": list(item.targets)}
            for item in fit.ambiguous
        ],
        "not_compared": list(fit.untold),
        "suggestions": [item.option for item in fit.suggestions],
    }


def as_text(fit: Fit) -> str:
    """The answer: whether they load, and what is in the way, equal things as one."""
    return "\n".join(as_lines(fit))


def as_lines(fit: Fit, *, every: bool = False) -> list[str]:
    """The lines of `as_text`; with `every`, no list is cut."""
    if fit.target.kind == "none":
        return described(fit.weights)
    most = None if every else _MOST_GROUPS
    lines = [_headline(fit), *_facts(fit)]
    lines += (f"  {rule.words}" for rule in fit.rules)
    if not fit.rules and fit.agrees and fit.target.kind != "error":
        lines.append("  every key and every shape is the same")
    lines += _mismatch_lines(fit.mismatches, most)
    lines += _key_lines(
        "missing", "in the network, not in the weights", fit.missing, most
    )
    lines += _key_lines(
        "unexpected", "in the weights, not in the network", fit.unexpected, most
    )
    lines += _ambiguous_lines(fit)
    lines += _key_lines(
        "not compared", "in modules that the printout does not tell", fit.untold, most
    )
    lines += _suggestion_lines(fit)
    return lines


def _headline(fit: Fit) -> str:
    weights, target = shown(fit.weights.name), shown(fit.target.name or "the model")
    if fit.target.kind == "error":
        renamed = fit.agrees and fit.rules
        how = "; they would after renaming" if renamed else ""
        return f"{weights}: why the weights did not load into {target}{how}"
    if fit.loads:
        how = " after taking off a prefix" if fit.rules else ""
        told = "" if fit.target.is_complete else ", as far as the printout tells"
        return f"{weights} loads into {target} with strict=True{how}{told}"
    if fit.agrees:
        return f"{weights} loads into {target} after renaming: write it with -o"
    return f"{weights} does not load into {target}"


def _facts(fit: Fit) -> Iterator[str]:
    """What was read, and what of it was not."""
    if fit.weights.error is not None:
        yield "  what matches is not in the text of an error, and so not here"
    stored = fit.weights.stored
    if stored is None:
        return
    if stored.key:
        others = f"; {', '.join(stored.others)} not looked at" if stored.others else ""
        yield f"  read from `{shown(stored.key)}` of the checkpoint{others}"
    if stored.left_out:
        yield f"  no tensors, and left out: {_named(stored.left_out)}"
    matched = len(fit.pairs) - len(fit.mismatches)
    yield f"  {matched:,} of {counted(len(fit.target.shapes), 'key')} match"


def _mismatch_lines(items: Sequence[Mismatch], most: int | None) -> list[str]:
    groups: dict[tuple[str, str], list[Mismatch]] = defaultdict(list)
    for item in items:
        leaf = item.key.rpartition(".")[2]
        groups[item.reason, leaf if not item.reason else ""].append(item)
    lines = []
    if items:
        lines.append(f"  shapes that differ: {counted(len(items), 'key')}")
    for (reason, _), group in _first(groups.items(), most):
        first = group[0]
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        lines.append(
            f"    {shown(first.key)}{more}: {list(first.stored)} in the weights, "
            f"{list(first.wanted)} in the network"
        )
        if reason:
            lines.append(f"      {reason}")
    return lines + _cut(len(groups), most, "group")


def _key_lines(
    name: str, meaning: str, keys: Sequence[str], most: int | None
) -> list[str]:
    """Keys by their modules, like ones as one line."""
    if not keys:
        return []
    groups: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        groups[pattern(key.rpartition(".")[0])].append(key)
    lines = [f"  {name} ({meaning}): {counted(len(keys), 'key')}"]
    for group in _first(groups.values(), most):
        lines.append(f"    {_group(group)}")
    return lines + _cut(len(groups), most, "module")


def _group(keys: Sequence[str]) -> str:
    paths = list(dict.fromkeys(key.rpartition(".")[0] for key in keys))
    leaves = list(dict.fromkeys(key.rpartition(".")[2] for key in keys))
    path = common_path(paths)
    where = f" in {len(paths)} modules" if len(paths) > 1 else ""
    prefix = f"{path}." if path else ""
    named = ", ".join(leaves) if len(leaves) < _MOST_NAMED else _named(leaves)
    return (
        shown(f"{prefix}{{{named}}}" if len(leaves) > 1 else prefix + leaves[0], 200)
        + where
    )


def _ambiguous_lines(fit: Fit) -> list[str]:
    lines = []
    for item in fit.ambiguous[:_MOST_GROUPS]:
        lines.append(
            f"  ambiguous: {_named(item.sources)} may be any of {_named(item.targets)}"
        )
    return lines + _cut(len(fit.ambiguous), _MOST_GROUPS, "ambiguity")


def _suggestion_lines(fit: Fit) -> list[str]:
    if not fit.suggestions:
        return []
    options = " ".join(f"--set {_quoted(item.option)}" for item in fit.suggestions)
    rest = f", but for {counted(fit.remaining, 'key')}" if fit.remaining else ""
    return [f"  the spec would fit with {options}{rest}"]


def _quoted(option: str) -> str:
    return f"'{option}'" if any(c in option for c in " []*$") else option


def _first(items: Iterable[Any], most: int | None) -> Iterator[Any]:
    for place, item in enumerate(items):
        if most is not None and place >= most:
            return
        yield item


def _cut(count: int, most: int | None, word: str) -> list[str]:
    if most is None or count <= most:
        return []
    plural = "ambiguities" if word == "ambiguity" else f"{word}s"
    return [f"    ... and {count - most:,} {plural} more: --all shows them"]


def _named(names: Sequence[str]) -> str:
    return first_of(names, _MOST_NAMED)

"""Changes between two specs in sentences: equal ones in many places are one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from medt_gen.compare.changes import Change
from medt_gen.messages.wording import counted, first_of, shown
from medt_gen.network.summary import Totals

_NAMED = 3
_ALONE = ("input", "patches", "stage", "init")
"""What is told with its place, and never together with its like."""


_SENTENCES = {
    "parameter": "the parameter `{name}` {values}",
    "input": "input {name} {values}",
    "patches": "patches of {path} {values}",
    "stage": "{path} has {values} blocks",
    "init": "initial values of {path} {values}",
    "training": "epochs with frozen gates {values}",
}
"""What is said of a change by what it is in; of modules, more has to be told."""


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """A line for each change that a person made, as far as the networks tell."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault(_likeness(change), []).append(change)
    for items in groups.values():
        if not _told_below(items[0], changes):
            yield _line(items)


def _likeness(change: Change) -> tuple[str, ...]:
    """What changes have in common that are told in one line."""
    if change.name == "module":
        return ("module", "added" if change.before is None else "removed", change.block)
    if change.name == "type":
        return ("type", change.before, change.after, change.block)
    if change.holder == "flow":
        return ("flow",)
    place = change.path if change.holder in _ALONE else ""
    return (change.holder, change.name, place, change.block)


def _told_below(change: Change, changes: Sequence[Change]) -> bool:
    """Whether a parameter of the spec only passes on what a module's change says."""
    return change.holder == "parameter" and any(
        other.name in (change.name, "type")
        and other.holder in ("block", "layer")
        and (other.before, other.after) == (change.before, change.after)
        for other in changes
    )


def _line(items: Sequence[Change]) -> str:
    change = items[0]
    values = _values(items)
    if change.name == "module":
        verb = "added" if change.before is None else "removed"
        named = [f"{x.path} ({x.before or x.after})" for x in items]
        return f"{verb}: {first_of(named, _NAMED)}"
    if change.holder == "flow":
        return f"the flow of {first_of([item.path for item in items], _NAMED)}"
    if change.holder in _SENTENCES:
        return _SENTENCES[change.holder].format(
            name=shown(change.name), path=shown(change.path), values=values
        )
    name = "" if change.name == "type" else f"{change.name} "
    return f"{name}{values}{_where(items)}"


def _values(items: Sequence[Change]) -> str:
    pairs = [f"{_text(item.before)} -> {_text(item.after)}" for item in items]
    return first_of(list(dict.fromkeys(pairs)), _NAMED)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return " x ".join(map(str, value)) or "one number"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _where(items: Sequence[Change]) -> str:
    """The modules by name where they are few, or how many there are."""
    paths = list(dict.fromkeys(item.path for item in items))
    inside = f" of {shown(items[0].block)}" if items[0].block else ""
    if len(paths) <= _NAMED and not inside:
        return f" in {first_of(paths, _NAMED)}"
    return f" in {counted(len(paths), items[0].holder)}{inside}"


def total_lines(left: Totals, right: Totals) -> Iterator[str]:
    """What changed in the sums, in percent of the left side."""
    for name, words in _TOTALS.items():
        before, after = getattr(left, name), getattr(right, name)
        if before != after:
            yield f"{words} {before:,} -> {after:,}{_percent(before, after)}"


_TOTALS = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "output_bytes": "bytes of outputs",
}


def _percent(before: int, after: int) -> str:
    if not before:
        return ""
    change = 100 * (after - before) / before
    if abs(change) < 1:
        return f" ({change:+.2g}%)"
    return f" ({change:+.0f}%)" if abs(change) < 1000 else f" (x {after / before:.3g})"

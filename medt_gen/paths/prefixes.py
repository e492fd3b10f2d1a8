"""Prefixes that wrappers and training frameworks put before keys, or into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from medt_gen.paths.keys import WRAPPERS

_STEPS = frozenset(WRAPPERS.values())
_LONGEST = 6


@dataclass(frozen=True)
class PrefixChange:
    """A prefix that was taken off some keys, or put before them; the other is empty.

    `keys` are the keys with the names that they have then.
    """

    before: str
    after: str
    keys: tuple[tuple[str, str], ...]

    @property
    def words(self) -> str:
        """`without `module.``, or `with `model.` before it`."""
        if self.before:
            return f"without `{self.before}`"
        return f"with `{self.after}` before them"


@dataclass(frozen=True)
class Stripped:
    """The checkpoint's keys under the names that the network's may have.

    `names` has the new name of every key; `changes` say what made them.
    """

    names: Mapping[str, str]
    changes: tuple[PrefixChange, ...]


def without_prefixes(keys: Sequence[str], wanted: Collection[str]) -> Stripped:
    """Take off what all keys, or the most of them, have more or less than is wanted."""
    if not keys or not wanted:
        return Stripped({key: key for key in keys}, ())
    names = {key: key for key in keys}
    changes: list[PrefixChange] = []
    for step in (
        _without_shared_prefix,
        _without_steps,
        _without_shared_prefix,
        _without_foreign_root,
    ):
        renamed = step(list(names.values()), wanted)
        if renamed is None:
            continue
        changes += _changes(names, renamed)
        names = {key: renamed[name] for key, name in names.items()}
    return Stripped(names, tuple(changes))


def _without_steps(
    names: Sequence[str], wanted: Collection[str]
) -> dict[str, str] | None:
    """Names without the steps of wrappers that no wanted key has."""
    known = {part for key in wanted for part in key.split(".")}
    steps = _STEPS - known
    found = {
        name: ".".join(part for part in name.split(".") if part not in steps)
        for name in names
    }
    changed = any(name != short for name, short in found.items())
    whole = len(set(found.values())) == len(found) and all(found.values())
    return found if changed and whole else None


def _without_shared_prefix(
    names: Sequence[str], wanted: Collection[str]
) -> dict[str, str] | None:
    """Names without, or with, the path by which the most of them become wanted ones."""
    targets = set(wanted)
    present = set(names)
    equal = len(targets & present)
    off = Counter(
        ".".join(parts[:cut])
        for parts in (name.split(".") for name in names)
        for cut in range(1, min(len(parts), _LONGEST))
        if ".".join(parts[cut:]) in targets
    )
    on = Counter(
        ".".join(parts[:cut])
        for parts in (key.split(".") for key in targets)
        for cut in range(1, min(len(parts), _LONGEST))
        if ".".join(parts[cut:]) in present
    )
    best_off, best_on = _most(off), _most(on)
    if max(off[best_off], on[best_on]) > equal:
        if off[best_off] >= on[best_on]:
            found = _taken_off(names, best_off)
        else:
            found = {name: f"{best_on}.{name}" for name in names}
        return _without_losses(found, targets)
    return None


def _without_losses(found: dict[str, str], targets: Collection[str]) -> dict[str, str]:
    """The new names, but for those that were wanted before and are not any more."""
    kept = {
        name: name if name in targets and new not in targets else new
        for name, new in found.items()
    }
    return kept if len(set(kept.values())) == len(kept) else found


def _most(votes: Counter[str]) -> str:
    """The prefix with the most votes, of equal ones the shortest."""
    return min(votes, key=lambda prefix: (-votes[prefix], len(prefix)), default="")


def _taken_off(names: Sequence[str], prefix: str) -> dict[str, str]:
    step = f"{prefix}."
    found = {name: name.removeprefix(step) for name in names}
    # Two keys can't become one: what has the short name already keeps it.
    taken = {name for name in names if not name.startswith(step)}
    return {
        name: name if new in taken and new != name else new
        for name, new in found.items()
    }


def _without_foreign_root(
    names: Sequence[str], targets: Collection[str]
) -> dict[str, str] | None:
    """Names without a first step that all have and no wanted key has."""
    firsts = {name.partition(".")[0] for name in names}
    theirs = {key.partition(".")[0] for key in targets}
    if set(names) & set(targets):
        return None
    if len(firsts) != 1 or firsts & theirs or not all("." in name for name in names):
        return None
    return _taken_off(names, firsts.pop())


def _changes(
    names: Mapping[str, str], renamed: Mapping[str, str]
) -> list[PrefixChange]:
    """What was taken off or put before, by the change that it made."""
    changes: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, name in names.items():
        new = renamed[name]
        if new == name:
            continue
        if new.endswith(f".{name}"):
            change = ("", new.removesuffix(name))
        elif name.endswith(f".{new}"):
            change = (name.removesuffix(new), "")
        else:
            change = (_inner_steps(name, new), "")
        changes.setdefault(change, []).append((key, new))
    return [
        PrefixChange(before, after, tuple(keys))
        for (before, after), keys in changes.items()
    ]


def _inner_steps(name: str, short: str) -> str:
    """The steps that were taken out of the middle: `...module.`."""
    kept = set(short.split("."))
    steps = [part for part in name.split(".") if part in _STEPS and part not in kept]
    return "".join(f"{step}." for step in dict.fromkeys(steps))

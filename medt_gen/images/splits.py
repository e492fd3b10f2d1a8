"""Which images are trained on, which decide, and which are kept for the end.

Groups stay whole. Their order is by a hash of seed and name: an image that is added
moves none of the others' places in that order.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medt_gen.images.records import SPLITS, Case, Folder, SplitName
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import counted, first_of, shown

_MOST_NAMED = 5


@dataclass(frozen=True)
class SplitRule:
    """How to split: by shares of train, val and test, or as fold `fold` of `folds`."""

    shares: tuple[float, float, float] = (70, 15, 15)
    fold: int | None = None
    folds: int = 5
    seed: int = 0


def read_shares(text: str) -> tuple[float, float, float]:
    """The shares of `--split 70/15/15`; raises UnreadableInput for another form."""
    parts = text.split("/")
    numbers = [float(part) for part in parts if re.fullmatch(r"\d+(\.\d+)?", part)]
    if len(parts) != 3 or len(numbers) != 3 or numbers[0] <= 0 or numbers[1] <= 0:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"--split takes three shares, and this is {shown(text)}",
                help="write it as --split 70/15/15; those of training and validation "
                "are above 0",
            )
        )
    return numbers[0], numbers[1], numbers[2]


def read_fold(text: str) -> tuple[int, int]:
    """The numbers of `--fold 1/5`; raises UnreadableInput for another form."""
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]) or int(found[2]) < 2:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"--fold takes a fold and their number, and this is {shown(text)}",
                help="write it as --fold 1/5, for the first of five",
            )
        )
    return int(found[1]), int(found[2])


def split_cases(
    folder: Folder, rule: SplitRule, problems: Problems
) -> dict[SplitName, tuple[Case, ...]]:
    """The cases by split: as the folder has them, else by the rule."""
    given = {name: folder.cases[name] for name in SPLITS if name in folder.cases}
    if "" not in folder.cases:
        _complain_of_shared_groups(given, problems)
        return {name: given.get(name, ()) for name in SPLITS}
    loose = folder.cases[""]
    if rule.fold is not None:
        parts = _folded(loose, rule)
    else:
        parts = _shared_out(loose, rule, kept="test" in given)
    found = {name: given.get(name, parts[name]) for name in SPLITS}
    for name in ("train", "val"):
        if not found[name] and loose:
            groups = counted(len({case.group for case in loose}), "group")
            text = f"the split leaves nothing for `{name}`: there is {groups} of images"
            help = "give more images, other shares with --split, or smaller groups"
            problems.error("data", text, None, help)
    _complain_of_shared_groups(found, problems)
    return found


def _ordered_groups(cases: Sequence[Case], seed: int) -> list[tuple[Case, ...]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.group].append(case)

    def place(name: str) -> str:
        return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()

    return [tuple(groups[name]) for name in sorted(groups, key=place)]


def _shared_out(
    cases: Sequence[Case], rule: SplitRule, *, kept: bool
) -> dict[SplitName, tuple[Case, ...]]:
    """Whole groups, in their order, to the split that is furthest below its share."""
    train, val, test = rule.shares
    shares = {"train": train, "val": val, "test": 0.0 if kept else test}
    total = sum(shares.values())
    wanted = {name: len(cases) * share / total for name, share in shares.items()}
    found: dict[str, list[Case]] = {name: [] for name in shares}
    for group in _ordered_groups(cases, rule.seed):
        name = max(wanted, key=lambda item: wanted[item] - len(found[item]))
        found[name].extend(group)
    return {name: _by_name(found[name]) for name in SPLITS}


def _folded(
    cases: Sequence[Case], rule: SplitRule
) -> dict[SplitName, tuple[Case, ...]]:
    """Fold k validates on every k-th group, and trains on the rest."""
    assert rule.fold is not None
    train: list[Case] = []
    val: list[Case] = []
    for place, group in enumerate(_ordered_groups(cases, rule.seed)):
        (val if place % rule.folds == rule.fold - 1 else train).extend(group)
    return {"train": _by_name(train), "val": _by_name(val), "test": ()}


def _by_name(cases: Sequence[Case]) -> tuple[Case, ...]:
    return tuple(sorted(cases, key=lambda case: case.name))


def _complain_of_shared_groups(
    splits: Mapping[SplitName, Sequence[Case]], problems: Problems
) -> None:
    """A group, which may be one image, in two splits is a leak."""
    names = list(splits)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            groups = {case.group for case in splits[first]}
            both = sorted(groups & {case.group for case in splits[second]})
            if both:
                listed = first_of(both, _MOST_NAMED, "`")
                text = f"in both `{first}` and `{second}`: {listed}"
                help = "scores would flatter: what is trained on can't be scored on"
                problems.error("data", text, None, help)

"""Weights under the network's names, changed as far as a person allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from medt_gen.fitting.options import Changes
from medt_gen.fitting.reasons import is_index, is_table
from medt_gen.fitting.records import Mismatch
from medt_gen.fitting.tables import adapted, resized
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, UnreadableInput
from medt_gen.messages.wording import counted, first_of, shown
from medt_gen.network.records import OwnParameter
from medt_gen.network.walk import walk_network
from medt_gen.runtime.build import build
from medt_gen.weights.read import load_tensors

if TYPE_CHECKING:
    from torch import Tensor

    from medt_gen.fitting.fit import Fit

_NAMED = 4


@dataclass(frozen=True)
class Converted:
    """Tensors by the network's keys, every change that was made, what is missing."""

    tensors: Mapping[str, Tensor] = field(repr=False)
    changes: tuple[str, ...]
    missing: tuple[str, ...] = ()


def converted(fit: Fit, changes: Changes) -> Converted:
    """The weights as the network takes them.

    Raises InvalidInput with what stands in the way, and the option that would allow it;
    UnreadableInput where there are no values.
    """
    stored = fit.weights.stored
    if stored is None:
        raise UnreadableInput(
            Diagnostic(
                "weights",
                f"{shown(fit.weights.name)} is a text: it has keys and no values",
                help="name the checkpoint itself",
            )
        )
    if fit.target.kind == "none":
        raise UnreadableInput(
            Diagnostic(
                "weights",
                "there is nothing that the weights are to fit",
                help="name a spec or a checkpoint as the target",
            )
        )
    work = _Work(fit, changes, load_tensors(stored))
    work.run()
    if work.obstacles:
        raise InvalidInput(*work.obstacles)
    if not (work.missing or changes.partial):
        _check_loads(fit, work.tensors)
    return Converted(work.tensors, tuple(work.log), tuple(work.missing))


def _check_loads(fit: Fit, tensors: Mapping[str, Tensor]) -> None:
    """Load what was made into the spec's network: what is promised is tried first."""
    if fit.target.spec is not None:
        build(fit.target.spec).load_state_dict(dict(tensors), strict=True)


class _Work:
    """The conversion under way: what is done, and what stands in the way."""

    def __init__(
        self, fit: Fit, changes: Changes, values: Mapping[str, Tensor]
    ) -> None:
        self.fit = fit
        self.changes = changes
        self.values = values
        self.tensors: dict[str, Tensor] = {}
        self.log: list[str] = []
        self.missing: list[str] = []
        self.obstacles: list[Diagnostic] = []
        self.own: Mapping[str, Tensor] | None = None
        self.learned = _learned_tables(fit)
        self.unlike: dict[tuple[str, str], list[Mismatch]] = {}

    def run(self) -> None:
        self._check()
        self.log += (rule.words for rule in self.fit.rules)
        mismatched = {item.key: item for item in self.fit.mismatches}
        absent: list[str] = []
        for name in self.fit.target.shapes:
            tensor = self._tensor(name, mismatched)
            if tensor is None:
                absent.append(name)
            else:
                self.tensors[name] = tensor
        self._refuse_unlike()
        self._fill([name for name in absent if name not in mismatched])
        self._log_dropped()

    def _check(self) -> None:
        fit, changes = self.fit, self.changes
        if not fit.target.is_complete and not changes.partial:
            self._refuse(
                f"{shown(fit.target.name)} is a {fit.target.kind}, and does not tell "
                "all tensors, so what loads can't be known",
                "name the spec or a checkpoint of the network, or write with --partial",
            )
        if fit.by_order and not changes.by_order:
            rules = ", ".join(f"{r.before} -> {r.after}" for r in fit.by_order[:_NAMED])
            self._refuse(
                f"only the order among neighbours says that {rules}",
                "look at the names, and allow it with --by-order",
            )
        if fit.unexpected and not changes.partial:
            self._refuse(
                f"{counted(len(fit.unexpected), 'key')} of the weights would be lost: "
                f"{first_of(fit.unexpected, _NAMED, '`')}",
                "leave them out with --drop PREFIX, or write with --partial",
            )

    def _tensor(self, name: str, mismatched: Mapping[str, Mismatch]) -> Tensor | None:
        """What is to be stored under a key of the network; None where nothing is."""
        if name not in self.fit.pairs:
            return None
        if name not in mismatched:
            return self.values[self.fit.pairs[name]]
        item = mismatched[name]
        found = self._reshaped(item)
        if found is None and not self.changes.partial:
            help = self._help(item)
            alike = (item.reason or item.key, help.partition(";")[0])
            self.unlike.setdefault(alike, []).append(item)
        elif found is None:
            self.missing.append(name)
        return found

    def _refuse_unlike(self) -> None:
        """Shapes that differ for one reason, and are mended by one option, as one."""
        for items in self.unlike.values():
            first = items[0]
            reason, help = first.reason, self._help(first)
            more = f" and {len(items) - 1:,} more" if len(items) > 1 else ""
            self._refuse(
                f"`{shown(first.key)}`{more}: {list(first.stored)} in the weights, "
                f"{list(first.wanted)} in the network"
                + (f": {reason}" if reason else ""),
                help,
            )

    def _reshaped(self, item: Mismatch) -> Tensor | None:
        """A tensor of the wanted shape, as far as the options allow it."""
        value = self.values[item.source]
        if is_index(item.key) and (own := self._own(item.key)) is not None:
            self.log.append(f"{item.key}: the network's own, {list(item.wanted)}")
            return own
        if self.changes.resize_tables and self._is_table(item.key):
            table = resized(value, item.wanted)
            if table is not None:
                self.log.append(
                    f"{item.key}: interpolated from {list(item.stored)} to "
                    f"{list(item.wanted)}"
                )
            return table
        if self.changes.adapt_input and self._is_input(item):
            weight = adapted(value, item.wanted[1])
            if weight is not None:
                how = "summed" if item.wanted[1] == 1 else "repeated, divided by 3"
                self.log.append(f"{item.key}: input channels {how}")
            return weight
        return None

    def _is_table(self, key: str) -> bool:
        return is_table(key) or key in self.learned

    def _is_input(self, item: Mismatch) -> bool:
        first = next((k for k in self.fit.target.shapes if k.endswith("weight")), "")
        same = item.stored[:1] + item.stored[2:] == item.wanted[:1] + item.wanted[2:]
        of_input = any(
            item.key in found.keys
            for found in self.fit.suggestions
            if found.option.startswith("input.channels")
        )
        return (item.key == first or of_input) and len(item.stored) > 2 and same

    def _help(self, item: Mismatch) -> str:
        if self._is_table(item.key):
            return "interpolate it with --resize-tables"
        if self._is_input(item):
            if {item.stored[1], item.wanted[1]} == {1, 3}:
                return "carry it over with --adapt-input"
            return "--adapt-input goes from 3 channels to 1, and from 1 to 3 alone"
        path = item.key.rpartition(".")[0] or item.key
        drop = f"start them anew with --drop {shown(path)} --init-missing"
        options = [s.option for s in self.fit.suggestions if item.key in s.keys]
        return f"the spec fits with --set {options[0]}; or {drop}" if options else drop

    def _fill(self, absent: list[str]) -> None:
        """What nothing stands for: the network's own, or its initial values."""
        left = []
        for name in absent:
            own = self._own(name) if is_index(name) else None
            if own is None:
                left.append(name)
            else:
                self.tensors[name] = own
                self.log.append(f"{name}: the network's own")
        if not left:
            return
        if self.changes.init_missing:
            self._initialise(left)
        elif self.changes.partial:
            self.missing += left
        else:
            self._refuse(
                f"{counted(len(left), 'key')} of the network would be missing: "
                f"{first_of(left, _NAMED, '`')}",
                "fill them with --init-missing, or write with --partial",
            )

    def _initialise(self, names: list[str]) -> None:
        for name in names:
            own = self._own(name)
            if own is None:
                self._refuse(
                    f"`{shown(name)}` has no initial value: the target is a "
                    f"{self.fit.target.kind}",
                    "name the spec as the target",
                )
                return
            self.tensors[name] = own
        seed = self.changes.seed
        self.log.append(
            f"{first_of(names, _NAMED, '`')}: initial values of the spec, seed {seed}"
        )

    def _own(self, name: str) -> Tensor | None:
        """The network's own value of a key: fresh from its spec, or from its file."""
        if self.own is None:
            self.own = _own_values(self.fit, self.changes.seed)
        return self.own.get(name)

    def _log_dropped(self) -> None:
        taken = set(self.fit.pairs.values())
        left = [key for key in self.values if key not in taken]
        if left:
            self.log.append(f"left out: {first_of(left, _NAMED, '`')}")

    def _refuse(self, message: str, help: str | None) -> None:
        self.obstacles.append(Diagnostic("weights", message, help=help))


def _listed(keys: Sequence[str]) -> str:
    return first_of(keys, _NAMED, "`")


def _own_values(fit: Fit, seed: int) -> Mapping[str, Tensor]:
    target = fit.target
    if target.spec is not None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return build(target.spec).state_dict()
    if target.checkpoint is not None:
        return load_tensors(target.checkpoint)
    return {}


def _learned_tables(fit: Fit) -> frozenset[str]:
    """The tensors that the spec's classes hold themselves, as grids of positions."""
    if fit.target.spec is None:
        return frozenset()
    return frozenset(
        path
        for path, module in walk_network(fit.target.spec.network)
        if isinstance(module.body, OwnParameter)
    )

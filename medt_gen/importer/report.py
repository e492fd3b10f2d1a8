"""What there is to say of a spec that was read back: in its comments, and to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.catalog.foreign import FOREIGN
from medt_gen.importer.assumed import unprinted
from medt_gen.importer.modules import PrintedModule, WrittenAs, every
from medt_gen.importer.shared import Twice, printed_twice
from medt_gen.messages.wording import counted

_MOST_NAMED = 5


@dataclass(frozen=True)
class Report:
    """What a printout came to.

    Attributes:
        modules: how many modules are printed.
        open: how many modules there are of each class that is in no catalog.
        foreign: the same of each class of another library.
        assumed: what no printout shows.
        twice: what is printed twice, and may be one.
    """

    modules: int = 0
    open: tuple[tuple[str, int], ...] = ()
    foreign: tuple[tuple[str, int], ...] = ()
    assumed: tuple[str, ...] = ()
    twice: tuple[Twice, ...] = ()

    @property
    def made(self) -> bool:
        """Whether all of it can be built."""
        return not self.open and not self.foreign

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for everything that is worth one."""
        return (*self._unmade(), *self.assumed, *self._twice())

    def _unmade(self) -> Iterator[str]:
        if self.open:
            count = sum(number for _, number in self.open)
            yield (
                f"{counted(count, 'open module')}, in no catalog, with tensors of their "
                f"own that are not known: {_counts(self.open)}"
            )
        if self.foreign:
            yield (
                "classes of other libraries, which can be printed and compared, and not "
                f"be built: {_counts(self.foreign)}"
            )

    def _twice(self) -> Iterator[str]:
        seen: Counter[tuple[str, str, str]] = Counter()
        for item in self.twice:
            # Of the owners of one class one line says it.
            seen[item.name, item.owner, item.repeats] += 1
        for (name, owner, repeats), count in list(seen.items())[:_MOST_NAMED]:
            yield (
                f"possibly shared: {name} in {owner} ({counted(count, 'time')}) prints "
                f"again what {repeats} is: these may be one"
            )
        if seen:
            less = self.modules - sum(item.modules for item in self.twice)
            yield (
                f"{counted(self.modules, 'module')} as they are printed and declared "
                f"here, {less:,} if what is printed twice is one"
            )


def _counts(items: tuple[tuple[str, int], ...]) -> str:
    names = (f"{name or '(no class)'} ({count})" for name, count in items)
    return ", ".join(names)


def report_of(root: PrintedModule, notes: tuple[str, ...]) -> Report:
    """What there is to say of a tree; `notes` are assumed of it already."""
    modules = [module for module in every(root) if module.type]
    printed = [x for x in every(root) if x.written_as is WrittenAs.PRINTED]
    opened = Counter(module.type for module in printed if module.open)
    foreign = Counter(
        module.type for module in printed if module.type in FOREIGN and not module.open
    )
    assumed = Counter(
        (module.type, note) for module in modules if (note := unprinted(module))
    )
    told = (f"{note} ({name}, {count})" for (name, note), count in assumed.items())
    return Report(
        len(modules),
        tuple(opened.items()),
        tuple(foreign.items()),
        (*notes, *told),
        tuple(printed_twice(root)),
    )

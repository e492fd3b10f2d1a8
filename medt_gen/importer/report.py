"""What there is to say of a spec that was read back: in its comments, and to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.catalog.foreign import FOREIGN
from medt_gen.importer.assumed import unprinted
from medt_gen.importer.modules import PrintedModule, WrittenAs, every
from medt_gen.importer.options import Options
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
        input: what is assumed of the input; the spec has it where the input is.
    """

    modules: int = 0
    open: tuple[tuple[str, int], ...] = ()
    foreign: tuple[tuple[str, int], ...] = ()
    assumed: tuple[str, ...] = ()
    twice: tuple[Twice, ...] = ()
    input: str = ""

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
                f"{counted(count, 'open module')}, in no catalog, own tensors not "
                f"known: {_counts(self.open)}"
            )
        if self.foreign:
            yield (
                "classes of other libraries, which can be printed and compared, and "
                f"not be built: {_counts(self.foreign)}"
            )

    def _twice(self) -> Iterator[str]:
        seen: Counter[tuple[str, str, str]] = Counter()
        for item in self.twice:
            # Of the owners of one class one line says it.
            seen[item.name, item.owner, item.repeats] += 1
        for (name, owner, repeats), count in list(seen.items())[:_MOST_NAMED]:
            yield (
                f"possibly shared: `{name}` of {owner} ({counted(count, 'time')}) "
                f"prints again what `{repeats}` prints: these may be one"
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


def assumed_input(options: Options) -> str:
    """What no printout shows of an input, in words."""
    what = "the channels" if options.size else "channels and size"
    return f"assumed: a printout does not show {what}"


def _of_attention(root: PrintedModule) -> Iterator[str]:
    """What the rows of axial attentions leave open."""
    for module in every(root):
        if module.axis_assumed:
            yield (
                f"assumed: the axis of {module.path} is the height; its name does not "
                "tell"
            )
    for module in every(root):
        if module.heads_assumed:
            yield f"assumed: the heads of {module.path} are 1: no row of a norm tells"


def _of_empty_classes(root: PrintedModule) -> Iterator[str]:
    empty = (item for item in every(root) if item.written_as is WrittenAs.CLASS)
    for name in sorted({item.type for item in empty if not item.children}):
        yield f"Nothing is printed inside of {name}: what it computes is not known."


def report_of(
    root: PrintedModule, modules: int, notes: tuple[str, ...], options: Options
) -> Report:
    """What there is to say of a tree of so many modules; `notes` are assumed of it."""
    printed = [x for x in every(root) if x.written_as is WrittenAs.PRINTED]
    opened = Counter(module.type for module in printed if module.open)
    foreign = Counter(
        module.type for module in printed if module.type in FOREIGN and not module.open
    )
    assumed = Counter(
        (module.type, note) for module in every(root) if (note := unprinted(module))
    )
    told = (f"{note} ({name}, {count})" for (name, note), count in assumed.items())
    return Report(
        modules,
        tuple(opened.items()),
        tuple(foreign.items()),
        (*notes, *_of_attention(root), *told, *_of_empty_classes(root)),
        tuple(printed_twice(root)),
        assumed_input(options),
    )

"""Arguments that a type does not have, and those that it lacks: one mistake, one error.

`kernel: 3` is an argument that Conv2d has not, and so it lacks `kernel_size`: the first
is what was written wrong, and the second follows from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from medt_gen.catalog import LAYERS
from medt_gen.catalog.elsewhere import ARGUMENT_HINTS, ARGUMENTS_ELSEWHERE
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, either, nearest, shown
from medt_gen.spec.declarations import ModuleDeclaration, Written
from medt_gen.spec.overrides import OPTION
from medt_gen.spec.read_modules import AFTER, DEPTH, UNUSED, WHEN

# What a module may have whatever its type.
_EVERYWHERE = (UNUSED.name, WHEN.name, AFTER.name)


@dataclass(frozen=True)
class Missing:
    """An argument that is needed and not there; `words` say what it would be."""

    name: str
    words: str


def check_given(
    owner: str,
    given: Mapping[str, Written],
    known: Collection[str],
    missing: Iterable[Missing],
    declaration: ModuleDeclaration,
    problems: Problems,
) -> bool:
    """Whether every argument is one of `known`, and none is missing.

    What is missing is shown at the type, unless an unknown one was meant by it.
    """
    place = declaration.type.place
    lacking = {item.name: item for item in missing}
    unknown = [item for name, item in given.items() if name not in known]
    faultless = not unknown and not lacking
    left_over = [item for item in unknown if _is_left_over(item, declaration)]
    if left_over:
        kept = [item for name, item in given.items() if name in known]
        kept = [item for item in kept if _is_left_over(item, declaration)]
        _complain_of_left_over(owner, left_over, kept, place, problems)
        unknown = [item for item in unknown if item not in left_over]
    for written in unknown:
        meant = _meant(written.key.name, known, lacking, alone=len(unknown) == 1)
        lacking.pop(meant or "", None)
        unknown_argument(owner, written, known, problems, meant)
    for item in lacking.values():
        problems.error(
            "missing-argument",
            f"`{owner}` needs `{item.name}`",
            place,
            f"add `{item.name}:`, {item.words}",
        )
    return faultless


def _is_left_over(item: Written, declaration: ModuleDeclaration) -> bool:
    """Whether an argument comes from the parent, whose type was another one.

    The type was changed where it stands in an option, or in the text that has changed
    the module last.
    """
    source = declaration.type.place.source
    changed = source.name == OPTION or source is declaration.place.source
    return changed and item.key.place.source is not source


def _complain_of_left_over(
    owner: str,
    items: Collection[Written],
    kept: Collection[Written],
    place: Place,
    problems: Problems,
) -> None:
    """`kept` is what it takes from the parent as well, and is no mistake."""
    names = [f"`{shown(item.key.name)}`" for item in items]
    removed = ", ".join(f"{shown(item.key.name)}: null" for item in items)
    problems.error(
        "unknown-argument",
        f"`{owner}` has no argument {either(names)}, left over from what this replaces",
        place,
        f"remove what is left over: `{removed}`",
        *(Note("it is given here", item.key.place) for item in items),
        *(
            Note(f"`{shown(item.key.name)}` is kept from here", item.key.place)
            for item in kept
        ),
    )


def _meant(
    name: str, known: Iterable[str], lacking: Collection[str], *, alone: bool
) -> str | None:
    """The missing argument that an unknown one stands for, as far as one can tell."""
    elsewhere = [item for item in ARGUMENTS_ELSEWHERE.get(name, ()) if item in lacking]
    near = nearest(name, known)
    for item in (*elsewhere, *(item for item in near if item in lacking)):
        return item
    others = ARGUMENTS_ELSEWHERE.get(name, ()) or near or name in ARGUMENT_HINTS
    return next(iter(lacking)) if alone and len(lacking) == 1 and not others else None


def _help(owner: str, name: str, names: list[str]) -> str | None:
    if name in ARGUMENT_HINTS:
        return ARGUMENT_HINTS[name]
    if name == DEPTH.name and owner not in LAYERS:
        return (
            f"a block is repeated by `{{type: Stage, block: {owner}, depth: 2, ...}}`"
        )
    return did_you_mean(name, names)


def unknown_argument(
    owner: str,
    item: Written,
    known: Iterable[str],
    problems: Problems,
    meant: str | None = None,
) -> None:
    """Complain of an argument that `owner` does not have; `meant` is the likely one."""
    name, names = item.key.name, [*known, *_EVERYWHERE]
    known_here = [x for x in ARGUMENTS_ELSEWHERE.get(name, ()) if x in names]
    likely = meant or (known_here[0] if known_here else None)
    problems.error(
        "unknown-argument",
        f"`{owner}` has no argument `{shown(name)}`",
        item.key.place,
        f"did you mean `{likely}`?" if likely else _help(owner, name, names),
    )

"""Arguments that a type does not have, and those that it lacks: one mistake, one error.

`kernel: 3` is an argument that Conv2d has not, and so it lacks `kernel_size`: the first
is what was written wrong, and the second follows from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from medt_gen.catalog import LAYERS
from medt_gen.catalog.elsewhere import ARGUMENT_HINTS, ARGUMENTS_ELSEWHERE
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, either, nearest, shown
from medt_gen.spec.declarations import ModuleDeclaration, Written
from medt_gen.spec.nodes import Former
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
    unknown = written_for(owner, unknown, place, problems)
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
            *_replaced_notes(owner, item.name, declaration.type.former),
        )
    return faultless


def written_for(
    owner: str, unknown: Collection[Written], place: Place, problems: Problems
) -> list[Written]:
    """Those arguments that were written for `owner`.

    The rest was written for a type that a change has replaced at `place`. What is known
    to be refused is dropped; these are not, since only a use tells what the type is, or
    because they are a stage's.
    """
    left_over = [item for item in unknown if item.key.former is not None]
    if left_over:
        _complain_of_left_over(owner, left_over, place, problems)
    return [item for item in unknown if item.key.former is None]


def _complain_of_left_over(
    owner: str, items: Collection[Written], place: Place, problems: Problems
) -> None:
    names = [shown(item.key.name) for item in items]
    quoted = [f"`{name}`" for name in names]
    problems.error(
        "unknown-argument",
        f"`{owner}` has no argument {either(quoted)}, left over from what this "
        "replaces",
        place,
        f"remove what is left over: {_removals(names, place)}",
        *(Note("it is given here", item.key.place) for item in items),
    )


def _removals(names: Sequence[str], place: Place) -> str:
    """Nulls as they are written in a spec; as options where one changed the type."""
    if place.source.name != OPTION:
        return f"`{', '.join(f'{name}: null' for name in names)}`"
    module = place.source.text.partition("=")[0].rpartition(".")[0]
    return ", ".join(f"`{OPTION} {shown(module)}.{name}=null`" for name in names)


def _replaced_notes(owner: str, name: str, former: Former | None) -> Sequence[Note]:
    """That a replaced type had an argument of this name, which is gone with it."""
    if former is None:
        return ()
    text = f"`{owner}` replaces `{shown(former.type)}` whole, and this with it"
    return [Note(text, key.place) for key in former.dropped if key.name == name]


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
    whole = name.partition(".")[0]
    if whole in ARGUMENT_HINTS:
        return ARGUMENT_HINTS[whole]
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

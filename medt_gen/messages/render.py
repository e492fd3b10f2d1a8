"""Diagnostics -> text for people, in a terminal or a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from medt_gen.messages.diagnostics import (
    Diagnostic,
    Note,
    Place,
    Severity,
    TraceStep,
    location,
)
from medt_gen.messages.excerpt import excerpt
from medt_gen.messages.wording import counted, whole

STYLES = {
    "error": "bold color(196)",
    "warning": "bold color(130)",
    "note": "bold color(31)",
    "help": "bold color(28)",
}
"""Colours of the 256 that can be read on white and on black: a test computes it."""

MOST_STEPS = 8
"""Of how a value came about, so many steps are shown unless all are asked for."""

# Where there is no terminal, lines are as long as they are, within reason.
_WIDEST = 200


def print_diagnostics(
    items: Iterable[Diagnostic], console: Console, *, trace: bool = False
) -> None:
    """Write each diagnostic with its source line, the place underlined, and help.

    `trace` shows every step of how a value came about, not the last eight alone.
    """
    for number, item in enumerate(items):
        if number:
            console.print()
        for part in _parts(item, console, trace=trace):
            console.print(part, soft_wrap=True, highlight=False)


def print_with_count(
    items: Sequence[Diagnostic], console: Console, *, trace: bool = False
) -> None:
    """The same, with a last line that counts them where there are several."""
    print_diagnostics(items, console, trace=trace)
    if len(items) > 1:
        console.print(f"\n{count_line(items)}", soft_wrap=True, highlight=False)


def count_line(items: Iterable[Diagnostic]) -> str:
    """How many errors and warnings there are, such as `3 errors, 1 warning`."""
    found = Counter(item.severity for item in items)
    kinds: tuple[Severity, ...] = ("error", "warning")
    return ", ".join(counted(found[kind], kind) for kind in kinds if found[kind])


def _parts(item: Diagnostic, console: Console, *, trace: bool) -> Iterable[Text]:
    style = STYLES[item.severity]
    headline = _located(item.place, "bold")
    headline.append(f"{item.severity}[{item.code}]", style)
    headline.append(f": {whole(item.message)}", "bold")
    yield _wrapped(headline, console)
    if item.place is not None:
        yield from _excerpt(item.place, style, console)
    for note in item.notes:
        yield from _note(note, console, trace=trace)
    if item.help:
        text = Text("  help: ", STYLES["help"])
        text.append(whole(item.help), "default not bold")
        yield _wrapped(text, console)


def _note(note: Note, console: Console, *, trace: bool) -> Iterable[Text]:
    text = Text("  note: ", STYLES["note"])
    if not note.trace:
        text.append_text(_located(note.place, "default not bold"))
    text.append(whole(note.message), "default not bold")
    yield _wrapped(text, console)
    if note.trace:
        yield from _trace(note.trace, console, everything=trace)
    elif note.place is not None:
        yield from _excerpt(note.place, STYLES["note"], console)


def _trace(
    steps: tuple[TraceStep, ...], console: Console, *, everything: bool
) -> Iterable[Text]:
    """A row for each step: what it is, what came out, and where it stands."""
    kept = steps if everything else steps[-MOST_STEPS:]
    if len(kept) < len(steps):
        left_out = counted(len(steps) - len(kept), "step")
        yield Text(f"      ... {left_out} before; --trace shows all")
    texts = [whole(step.text) for step in kept]
    wide = max(len(text) for text in texts)
    shapes = max(len(step.shape) for step in kept)
    for text, step in zip(texts, kept, strict=True):
        row = Text(f"      {text:{wide}}  {step.shape:{shapes}}  ")
        where = _located(step.place, "", mark="")
        fits = row.cell_len + where.cell_len <= console.width
        if fits or not console.is_terminal:
            row.append_text(where)
        row.rstrip()
        yield row


def _located(place: Place | None, style: str, mark: str = ": ") -> Text:
    """Where it is; in a terminal that can, a link to the file."""
    where = whole(location(place))
    if place is None or not where:
        return Text()
    text = Text(where.removesuffix(": "), style)
    target = _link(place)
    if target is not None:
        text.stylize(f"link {target}")
    return text.append(mark, style) if mark else text


def _link(place: Place) -> str | None:
    """The address of the file, where it is one."""
    try:
        path = Path(place.source.name).absolute()
        return path.as_uri() if path.is_file() else None
    except (OSError, ValueError):
        return None


def _excerpt(place: Place, style: str, console: Console) -> Iterable[Text]:
    width = console.width if console.is_terminal else _WIDEST
    text = excerpt(place, style, width)
    yield from text.split("\n")[1:] if text.plain else ()


def _wrapped(text: Text, console: Console) -> Text:
    """In a terminal, broken between words; what goes on is set in."""
    if not console.is_terminal or text.cell_len <= console.width:
        return text
    lines = text.wrap(console, max(console.width - 4, 20))
    for line in lines:
        line.rstrip()
    return Text("\n    ").join(lines)

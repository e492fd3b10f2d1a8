"""Every file of a folder read once: what is in it, and what can't be used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from medt_gen.images.preparation import Colour, MaskRule, with_channels
from medt_gen.images.reading import BadImage, read_image, read_pixels
from medt_gen.images.records import Case, CaseFacts
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import first_of, shown

_AT_ONCE = 4
_MOST_NAMED = 5
BINARY = frozenset({0, 255})


@dataclass(frozen=True)
class MaskForm:
    """How masks are to be read; None is decided by what they hold."""

    rule: MaskRule | None = None
    palette: tuple[Colour, ...] | None = None


@dataclass(frozen=True)
class _Read:
    """A case's files, or why one of them is bad."""

    facts: CaseFacts | None
    complaint: str = ""


def survey(
    cases: Sequence[Case],
    channels: int,
    problems: Problems,
    each: Callable[[], None] = lambda: None,
) -> list[CaseFacts]:
    """The facts of every case that can be read; the others are problems.

    An image is counted with the network's `channels` where that loses nothing. `each`
    is called after every case.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = []
        for read in pool.map(lambda case: _read_case(case, channels), cases):
            each()
            if read.facts is None:
                problems.error("data", read.complaint, None)
            else:
                found.append(read.facts)
    return found


def _read_case(case: Case, channels: int) -> _Read:
    where = shown(str(case.images[0]), 500)
    try:
        image = read_image(case.images)
        where = shown(str(case.mask), 500)
        mask = read_pixels(case.mask)
        digest = _digest(case.files)
    except BadImage as error:
        return _Read(None, f"{where}: {error}")
    except OSError as error:
        return _Read(None, f"{where}: {error.strerror or error}")
    if mask.size != image.size:
        sizes = " and its image ".join(
            "x".join(map(str, x.size)) for x in (mask, image)
        )
        return _Read(None, f"{where}: the mask is {sizes}")
    fitting = with_channels(image.values, channels)
    values = image.values if fitting is None else fitting
    return _Read(
        CaseFacts(
            case,
            digest,
            hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest(),
            image.size,
            values.shape[0],
            values.dtype.name,
            float(values.min()),
            float(values.max()),
            image.spacing,
            _values_of(mask.values),
        )
    )


def _digest(paths: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _values_of(values: np.ndarray) -> tuple[int, ...]:
    """The values of a mask; colours are numbers below -1, as `_coded` has them."""
    plain = with_channels(values, 1)
    if plain is not None:
        return tuple(int(v) if v == int(v) else -1 for v in np.unique(plain)[:1000])
    weights = np.asarray([1 << 16, 1 << 8, 1]).reshape(
        3, *(1 for _ in values.shape[1:])
    )
    coded = (values[:3].astype(np.int64) * weights).sum(0)
    return tuple(-2 - int(v) for v in np.unique(coded)[:1000])


def decide_mask_form(
    facts: Sequence[CaseFacts], classes: int, form: MaskForm, problems: Problems
) -> MaskForm:
    """How the masks are read, by all their values; values that are no class are named.

    Two classes may be 0 and 255; else the values are classes, or colours of a palette.
    """
    if form.rule == "half":
        return form
    values = {value for item in facts for value in item.classes}
    if form.palette is not None:
        known = {_coded(colour) for colour in form.palette} | {
            c[0] for c in form.palette if len(set(c)) == 1
        }
        _complain_of_values(facts, known, "has no colour in the palette", problems)
        return MaskForm("palette", form.palette)
    if form.rule is None and classes == 2 and 255 in values and values <= BINARY:
        return MaskForm("half")
    _complain_of_values(
        facts, set(range(classes)), f"is no class: there are {classes}", problems
    )
    return MaskForm("indices")


def _coded(colour: Colour) -> int:
    red, green, blue = colour
    return -2 - ((red << 16) + (green << 8) + blue)


def _complain_of_values(
    facts: Sequence[CaseFacts], known: set[int], what: str, problems: Problems
) -> None:
    odd: dict[int, list[str]] = {}
    for item in facts:
        for value in set(item.classes) - known:
            odd.setdefault(value, []).append(item.case.mask.name)
    if not odd:
        return
    several = len(odd) > _MOST_NAMED
    for value in sorted(odd)[: 3 if several else _MOST_NAMED]:
        names = first_of(odd[value], _MOST_NAMED, "`")
        text = f"{_value_in_words(value)} {what}, in {names}"
        problems.error("data", text, None, _value_help(set(odd), known))
    if several:
        text = f"there are {len(odd) - 3} further values like that"
        problems.error("data", text, None)


def _value_in_words(value: int) -> str:
    if value <= -2:
        code = -2 - value
        colour = code >> 16, (code >> 8) & 255, code & 255
        return "the colour {},{},{} in a mask".format(*colour)
    return f"the value {value} in a mask" if value >= 0 else "a value with a fraction"


def _value_help(odd: set[int], known: set[int]) -> str:
    if any(value <= -2 for value in odd):
        return 'give the colour of each class: --palette "0,0,0 255,0,0 ..."'
    if len(known) == 2:
        return "masks with gray edges, as of JPEG, are cut at 127 by --masks half"
    if all(value >= 0 for value in odd) and max(odd) < 64:
        return f"classes are counted from 0: that makes {max(odd | known) + 1} of them"
    return "masks hold the number of each pixel's class; or give --palette"


def class_of_value(value: int, form: MaskForm) -> int | None:
    """The class that a value of `CaseFacts.classes` stands for."""
    if form.rule == "half":
        return int(value > 127)
    if form.rule == "palette":
        assert form.palette is not None
        for number, colour in enumerate(form.palette):
            gray = len(set(colour)) == 1 and colour[0] == value
            if gray or _coded(colour) == value:
                return number
        return None
    return value if value >= 0 else None

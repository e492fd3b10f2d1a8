"""Which overrides of a spec make a checkpoint fit: found by resolving, not by guessing.

A shape that differs tells by what number or ratio a parameter, the input's channels or
its size may differ. Each such override is resolved; the one after which the most keys
agree is taken, then the next one on top of it.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from medt_gen.algebra.terms import as_data
from medt_gen.catalog.layers import with_layers
from medt_gen.fitting.records import Suggestion
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.network.tensors import network_tensors
from medt_gen.paths.keys import PartialShapes
from medt_gen.spec.shipped import block_names

_MOST_TRIED = 24
_MOST_ROUNDS = 4
_LARGEST_SIZE = 4096


@dataclass(frozen=True)
class Suggested:
    """Overrides of a spec, and how many keys differ with them."""

    suggestions: tuple[Suggestion, ...]
    left: int


@dataclass(frozen=True)
class _Candidate:
    option: str
    reason: str


def suggested(spec: Spec, stored: PartialShapes) -> Suggested:
    """The overrides that make more of `stored` fit; none where none helps.

    `stored` has the checkpoint's shapes under the network's names.
    """
    with with_layers(spec.layers):
        return _suggested(spec, stored)


def _suggested(spec: Spec, stored: PartialShapes) -> Suggested:
    chosen: list[_Candidate] = []
    suggestions: list[Suggestion] = []
    text = json.dumps(spec.document)
    shapes = network_tensors(spec.network)
    left = _differing(stored, shapes)
    for _ in range(_MOST_ROUNDS):
        best: tuple[int, _Candidate, Spec] | None = None
        for candidate in _candidates(spec, stored, shapes):
            tried = _tried(text, [*chosen, candidate])
            if tried is None:
                continue
            count = _differing(stored, network_tensors(tried.network))
            if count < left and (best is None or count < best[0]):
                best = (count, candidate, tried)
                if count == 0:
                    break
        if best is None:
            break
        left, candidate, spec = best
        chosen.append(candidate)
        before, shapes = shapes, network_tensors(spec.network)
        keys = _mended(stored, before, shapes)
        suggestions.append(Suggestion(candidate.option, candidate.reason, keys))
        if left == 0:
            break
    return Suggested(tuple(suggestions), left)


def _mended(
    stored: PartialShapes, before: PartialShapes, after: PartialShapes
) -> tuple[str, ...]:
    """The keys that agree after an override, and did not before."""
    return tuple(
        key
        for key, shape in stored.items()
        if key in after and after[key] == shape and before.get(key) != shape
    )


def _tried(text: str, candidates: Sequence[_Candidate]) -> Spec | None:
    """The spec in a text with these overrides; None where it does not hold together."""
    try:
        return load(text=text, overrides=[item.option for item in candidates])
    except MedtGenError:
        return None


def _differing(stored: PartialShapes, wanted: PartialShapes) -> int:
    """How many keys only one side has, or both with other shapes."""
    return sum(
        key not in stored
        or key not in wanted
        or (None not in (stored[key], wanted[key]) and stored[key] != wanted[key])
        for key in {**stored, **wanted}
    )


@dataclass(frozen=True)
class _Numbers:
    """Numbers of differing shapes, as (stored, wanted), and their ratios."""

    pairs: Counter[tuple[int, int]]
    ratios: Counter[Fraction]


def _numbers(stored: PartialShapes, wanted: PartialShapes) -> _Numbers:
    pairs: Counter[tuple[int, int]] = Counter()
    ratios: Counter[Fraction] = Counter()
    for key, shape in wanted.items():
        other = stored.get(key)
        if shape is None or other is None or len(shape) != len(other):
            continue
        for one, two in zip(other, shape, strict=True):
            if one == two:
                continue
            pairs[one, two] += 1
            ratios[Fraction(one, two) if one and two else Fraction(1)] += 1
            if one % 2 and two % 2:
                # A table of relative positions has 2 n - 1 places.
                ratios[Fraction((one + 1) // 2, (two + 1) // 2)] += 1
            if math.isqrt(one) ** 2 == one and math.isqrt(two) ** 2 == two and two:
                ratios[Fraction(math.isqrt(one), math.isqrt(two))] += 1
    return _Numbers(pairs, ratios)


def _candidates(
    spec: Spec, stored: PartialShapes, wanted: PartialShapes
) -> list[_Candidate]:
    """What may differ, likely things first."""
    numbers = _numbers(stored, wanted)
    found = [
        *_of_input(spec, numbers),
        *_of_parameters(spec, numbers),
        *_of_types(spec, stored, wanted),
    ]
    return found[:_MOST_TRIED]


def _of_input(spec: Spec, numbers: _Numbers) -> Iterator[_Candidate]:
    channels = spec.usual.root.input.channels.number
    for (one, two), _ in numbers.pairs.most_common():
        if two == channels:
            yield _Candidate(
                f"input.channels={one}",
                f"other input channels: {one} in the checkpoint, {channels} here",
            )
    sizes = [axis.number for axis in spec.usual.root.input.size]
    for ratio, _ in numbers.ratios.most_common(4):
        scaled = [size * ratio for size in sizes]
        if not sizes or any(n.denominator != 1 or n > _LARGEST_SIZE for n in scaled):
            continue
        whole = [int(n) for n in scaled]
        equal = len(set(whole)) == 1 and len(whole) == 2
        text = str(whole[0]) if equal else f"[{', '.join(map(str, whole))}]"
        was = str(sizes[0]) if len(set(sizes)) == 1 else " x ".join(map(str, sizes))
        yield _Candidate(
            f"input.size={text}",
            f"an image of another size: {text} in the checkpoint, {was} here",
        )


def _of_parameters(spec: Spec, numbers: _Numbers) -> Iterator[_Candidate]:
    for name, value in _values(spec).items():
        if type(value) is not int:
            continue
        for number in _near(value, numbers):
            yield _Candidate(
                f"params.{name}={number}",
                f"{_words(name)}: {name} is {number} in the checkpoint, {value} here",
            )


def _values(spec: Spec) -> dict[str, object]:
    """The spec's own parameters, as plain data."""
    root = spec.network.root
    return {name: as_data(root.arguments[name]) for name in root.declaration.parameters}


def _near(value: int, numbers: _Numbers) -> Iterator[int]:
    """What a number may be in the checkpoint: equal ones first, then by ratio."""
    seen = {value}
    for (one, two), _ in numbers.pairs.most_common():
        if two == value and one not in seen:
            seen.add(one)
            yield one
    for ratio, _ in numbers.ratios.most_common(3):
        for scaled in (value * ratio, value / ratio):
            if scaled.denominator == 1 and scaled >= 1 and int(scaled) not in seen:
                seen.add(int(scaled))
                yield int(scaled)
    for scaled_number in (value * 2, value // 2, value + 1, value - 1):
        if scaled_number >= 1 and scaled_number not in seen:
            seen.add(scaled_number)
            yield scaled_number


_WORDS = {
    "class": "another number of classes",
    "head": "other heads",
    "width": "another width",
    "base": "another width",
    "plane": "another width",
    "channel": "another width",
    "feature": "another width",
    "depth": "another depth",
}


def _words(name: str) -> str:
    return next((w for part, w in _WORDS.items() if part in name), "another number")


def _of_types(
    spec: Spec, stored: PartialShapes, wanted: PartialShapes
) -> Iterator[_Candidate]:
    """Other blocks, where keys are missing or unexpected."""
    if stored.keys() == wanted.keys():
        return
    own = [block.declaration.reference for block in spec.network.blocks]
    for name, current in _values(spec).items():
        if not isinstance(current, str) or current not in {*own, *block_names()}:
            continue
        for block in dict.fromkeys([*block_names(), *own]):
            if block != current:
                yield _Candidate(
                    f"params.{name}={block}",
                    f"another block: {name} is {block} in the checkpoint, "
                    f"{current} here",
                )

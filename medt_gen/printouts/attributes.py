"""A module's own text as named values, and what torch versions print differently.

`Conv2d(3, 8, bias=False)` becomes in_channels 3, out_channels 8, bias False. Two
printouts of one model by two torch versions then have equal values: what only one of
them prints is left out where it has the value that the other implies.
"""

from __future__ import annotations

import re
from functools import lru_cache

from medt_gen.printouts.addresses import masked

Values = tuple[tuple[str, str], ...]
"""(argument, value) in printed order."""

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[()\[\]{}]|,")
_NAMED = re.compile(r"([^\W\d]\w*)\s*[=:]\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d*)?(e[+-]?\d{1,3})?", re.ASCII)
_QUOTED = re.compile(r"(['\"])([\w ./-]*)\1")

_CONV = ("in_channels", "out_channels")
_NORM = ("num_features",)
_POSITIONS: dict[str, tuple[str, ...]] = {
    "Bilinear": ("in1_features", "in2_features", "out_features"),
    "ConstantPad1d": ("padding",),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "EmbeddingBag": ("num_embeddings", "embedding_dim"),
    "GroupNorm": ("num_groups", "num_channels"),
    "LayerNorm": ("normalized_shape",),
    "RMSNorm": ("normalized_shape",),
    "LocalResponseNorm": ("size",),
    "Threshold": ("threshold", "value"),
    **dict.fromkeys((f"ZeroPad{n}d" for n in (1, 2, 3)), ("padding",)),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), ("input_size", "hidden_size")),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), ("input_size", "hidden_size")),
    **dict.fromkeys((f"Conv{n}d" for n in (1, 2, 3)), _CONV),
    **dict.fromkeys((f"ConvTranspose{n}d" for n in (1, 2, 3)), _CONV),
    **dict.fromkeys((f"BatchNorm{n}d" for n in (1, 2, 3)), _NORM),
    **dict.fromkeys((f"InstanceNorm{n}d" for n in (1, 2, 3)), _NORM),
    "SyncBatchNorm": _NORM,
}
"""torch's argument names for what it prints without a name."""

_AFFINE_NORMS = frozenset(
    ["GroupNorm", "SyncBatchNorm"]
    + [
        f"{lazy}{norm}{n}d"
        for lazy in ("", "Lazy")
        for norm in ("BatchNorm", "InstanceNorm")
        for n in (1, 2, 3)
    ]
)
"""Since torch 2.13 these print `bias=`, which before followed `affine`. (So does
LayerNorm, whose bias before 2.13 was True wherever it had a weight.)"""

_IMPLIED: dict[str, dict[str, str]] = {
    "GELU": {"approximate": "none"},
    "Flatten": {"start_dim": "1", "end_dim": "-1"},
    "ZeroPad2d": {"value": "0"},
}
"""Values that some torch versions leave out: GELU's approximate before 1.12, Flatten's
dimensions before 1.7, the zero of ZeroPad2d since 2.1."""

_TYPES = {"_LinearWithBias": "NonDynamicallyQuantizableLinear"}
"""The same class under the name that some torch versions give it."""


def values(type_name: str, lines: tuple[str, ...]) -> Values:
    """What a module's own lines say, as they stand; only addresses are masked.

    An unnamed value gets torch's argument name where its type is known, else `[0]`,
    `[1]` and so on by position.
    """
    names = _POSITIONS.get(type_name, ())
    result: list[tuple[str, str]] = []
    for line in lines:
        for item in _split(masked(line.strip())):
            named = _NAMED.fullmatch(item)
            position = len(result)
            if named:
                result.append((named[1], named[2]))
            elif position < len(names):
                result.append((names[position], item))
            else:
                result.append((f"[{position}]", item))
    return tuple(result)


@lru_cache(maxsize=65536)
def comparable(type_name: str, lines: tuple[str, ...]) -> Values:
    """The values with everything that depends on the printing torch version removed.

    Numbers are equal by value (`1` and `1.0`), words with and without quotation marks
    (`mode=bilinear` and `mode='bilinear'`).
    """
    plain = tuple((key, _plain(value)) for key, value in values(type_name, lines))
    implied = _implied(type_name, dict(plain))
    kept = (pair for pair in plain if implied.get(pair[0]) != pair[1])
    return tuple(_spelled_out(pair) for pair in kept)


def comparable_type(type_name: str) -> str:
    """The class name without what depends on the printing torch version."""
    return _TYPES.get(type_name, type_name)


def _implied(type_name: str, printed: dict[str, str]) -> dict[str, str]:
    """What is meant where a torch version prints nothing."""
    if type_name in _AFFINE_NORMS and "affine" in printed:
        return {"bias": printed["affine"]}
    if type_name == "LayerNorm" and "elementwise_affine" in printed:
        return {"bias": printed["elementwise_affine"]}
    return _IMPLIED.get(type_name, {})


def _spelled_out(pair: tuple[str, str]) -> tuple[str, str]:
    # torch before 1.2 prints `ReLU(inplace)`
    return ("inplace", "True") if pair[0][0] == "[" and pair[1] == "inplace" else pair


def _plain(value: str) -> str:
    if quoted := _QUOTED.fullmatch(value):
        return quoted[2]
    if _NUMBER.fullmatch(value):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return value


def _split(line: str) -> list[str]:
    """Split at the commas outside of brackets and quotation marks."""
    if not line:
        return []
    items: list[str] = []
    start = depth = 0
    for match in _TOKEN.finditer(line):
        token = match[0]
        if token == "," and depth == 0:
            items.append(line[start : match.start()].strip())
            start = match.end()
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
    items.append(line[start:].strip())
    return [item for item in items if item] if depth == 0 else [line]

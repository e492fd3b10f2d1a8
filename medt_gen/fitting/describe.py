"""Keys and shapes alone, told as modules: what a list or a checkpoint seems to hold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from medt_gen.fitting.sides import Weights
from medt_gen.messages.wording import counted, shown
from medt_gen.paths.keys import PartialShapes, Shape
from medt_gen.printouts.summary import common_path, pattern

_MOST_LINES = 24


def described(weights: Weights) -> list[str]:
    """What the keys are, module by module, like ones as one line."""
    kinds = {
        "checkpoint": "a checkpoint",
        "list": "a list of keys",
        "error": "an error",
    }
    total = counted(len(weights.shapes), "key")
    lines = [f"{shown(weights.name)} is {kinds[weights.kind]}: {total}"]
    stored = weights.stored
    if stored is not None and stored.key:
        lines.append(f"  read from `{shown(stored.key)}` of the checkpoint")
    groups: dict[tuple[str, str], list[_Told]] = defaultdict(list)
    for path, leaves in _modules(weights.shapes).items():
        words = module_words(leaves)
        groups[pattern(path), _WITHOUT_SIZES.sub("", words)].append(_Told(path, words))
    lines += (f"  {_line(told)}" for told in list(groups.values())[:_MOST_LINES])
    if len(groups) > _MOST_LINES:
        lines.append(f"  ... and {len(groups) - _MOST_LINES:,} kinds of modules more")
    lines.append("  name a spec, a printout or a checkpoint as TARGET to compare them")
    return lines


@dataclass(frozen=True)
class _Told:
    path: str
    words: str


_WITHOUT_SIZES = re.compile(r"(?: from| of|,| to)? \d.*")


def _line(modules: Sequence[_Told]) -> str:
    path = shown(common_path([item.path for item in modules]), 100) or "(root)"
    words = dict.fromkeys(item.words for item in modules)
    first = next(iter(words))
    count = f"{len(modules)} modules, " if len(modules) > 1 else ""
    sizes = f" and {len(words) - 1} other sizes" if len(words) > 1 else ""
    return f"{path}: {count}{first}{sizes}"


def _modules(shapes: PartialShapes) -> dict[str, dict[str, Shape | None]]:
    found: dict[str, dict[str, Shape | None]] = defaultdict(dict)
    for key, shape in shapes.items():
        path, _, leaf = key.rpartition(".")
        found[path][leaf] = shape
    return found


def module_words(leaves: PartialShapes) -> str:
    """What a module that holds these tensors most likely is."""
    weight = leaves.get("weight")
    if "running_mean" in leaves:
        return f"a norm with running statistics{_of(leaves['running_mean'])}"
    if "in_proj_weight" in leaves:
        return "a multi-head attention"
    if any(name.startswith("weight_ih") for name in leaves):
        return "a recurrent layer"
    if weight is None:
        return f"tensors {', '.join(leaves)}" if "weight" not in leaves else "a layer"
    bias = " with bias" if "bias" in leaves else " without bias"
    if len(weight) >= 3:
        return _convolution(weight, bias)
    if len(weight) == 2:
        return (
            f"a linear layer from {weight[1]} to {weight[0]}{bias}, or an embedding of "
            f"{weight[0]} words"
            if "bias" not in leaves
            else f"a linear layer from {weight[1]} to {weight[0]}{bias}"
        )
    if weight == (1,) and "bias" not in leaves:
        return "a PReLU, or another learned factor"
    return f"a norm of {weight[0]} features" if len(weight) == 1 else "a learned number"


def _of(shape: Sequence[int] | None) -> str:
    return f", of {shape[0]} features" if shape else ""


def _convolution(weight: Shape, bias: str) -> str:
    kernel = " x ".join(map(str, weight[2:]))
    return f"a convolution from {weight[1]} to {weight[0]} channels, {kernel}{bias}"

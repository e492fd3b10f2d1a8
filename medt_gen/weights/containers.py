"""Which mapping of a training checkpoint is the state_dict.

Frameworks keep it beside epochs, optimizers and averages of the weights, under names of
their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.weights.refusals import refused

_USUAL = (
    "state_dict",
    "model_state_dict",
    "network_weights",
    "model",
    "net",
    "network",
    "weights",
    "module",
    "params",
)
"""In the order in which they are taken: Lightning's, that of tutorials, nnU-Net's."""

_NO_WEIGHTS = ("optim", "scheduler", "scaler", "amp", "callbacks", "loops", "grad")
_AVERAGES = ("ema", "average", "swa", "shadow")
_DEEPEST = 3


@dataclass(frozen=True)
class FoundState:
    """A mapping of tensors: the keys that lead to it, and the mapping.

    `others` are the names of further mappings of tensors, `left_out` the keys in it
    that hold no tensor.
    """

    way: tuple[str, ...]
    state: Mapping[str, Any]
    others: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def find_state(path: str, loaded: Any, key: str | None = None) -> FoundState:
    """The state_dict in what was loaded; `key` names it where a person says which.

    Raises UnreadableInput where there is none, or several and none has a usual name.
    """
    found = list(_states(loaded))
    if key is not None:
        return _named(path, found, key)
    if not found:
        raise refused(
            path,
            "it holds no state_dict",
            "save it with torch.save(model.state_dict(), path)",
        )
    chosen = _chosen(found)
    names = tuple(_name(way) for way, _ in found)
    if chosen is None:
        listed = ", ".join(f"`{shown(name)}`" for name in names)
        raise refused(
            path,
            f"it holds {len(found)} mappings of tensors: {listed}",
            f"say which with `--key {shown(names[0])}`",
        )
    way, state = chosen
    others = tuple(name for name in names if name != _name(way))
    return _with_others(way, state, others)


def _with_others(
    way: tuple[str, ...], state: Mapping[str, Any], others: tuple[str, ...]
) -> FoundState:
    tensors = {name: item for name, item in state.items() if _is_tensor(item)}
    left_out = tuple(str(name) for name in state if name not in tensors)
    return FoundState(way, tensors, others, left_out)


State = tuple[tuple[str, ...], Mapping[str, Any]]


def _named(path: str, found: list[State], key: str) -> FoundState:
    for way, state in found:
        if key in (_name(way), way[-1] if way else ""):
            others = tuple(_name(other) for other, _ in found if other != way)
            return _with_others(way, state, others)
    names = [_name(way) for way, _ in found if way]
    raise refused(
        path,
        f"no mapping of tensors is called `{shown(key)}`",
        did_you_mean(key, names),
    )


def _chosen(found: list[State]) -> State | None:
    """The whole of it, the one with a usual name, or the only one."""
    if not found[0][0] or len(found) == 1:
        return found[0]
    for name in _USUAL:
        for way, state in found:
            if way[-1] == name and not _is_average(way):
                return way, state
    plain = [item for item in found if not _is_average(item[0])]
    return plain[0] if len(plain) == 1 else None


def _is_average(way: tuple[str, ...]) -> bool:
    return any(word in name.lower() for name in way for word in _AVERAGES)


def _name(way: tuple[str, ...]) -> str:
    return ".".join(way)


def _states(loaded: Any, way: tuple[str, ...] = ()) -> Iterator[State]:
    """Every mapping of tensors, outer ones first; what is in one is part of it."""
    if not isinstance(loaded, Mapping) or len(way) > _DEEPEST:
        return
    if _is_state(loaded):
        yield way, loaded
        return
    for key, value in loaded.items():
        passed = any(word in str(key).lower() for word in _NO_WEIGHTS)
        if isinstance(key, str) and not passed:
            yield from _states(value, (*way, key))


def _is_state(value: Mapping[Any, Any]) -> bool:
    """Whether names are mapped to tensors, most of them at least."""
    tensors = sum(_is_tensor(item) for item in value.values())
    names = all(isinstance(key, str) for key in value)
    mappings = any(isinstance(item, Mapping) and item for item in value.values())
    return names and tensors > 0 and 2 * tensors >= len(value) and not mappings


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)

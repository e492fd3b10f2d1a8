"""What a living module says of itself, without importing torch: it brings its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from medt_gen.paths.keys import join


class Modular(Protocol):
    """The part of `torch.nn.Module` that a printed tree shows."""

    @property
    def _modules(self) -> Mapping[str, Any]: ...

    def _get_name(self) -> str: ...


class Stateful(Modular, Protocol):
    """The part of `torch.nn.Module` that says what its tree of names holds."""

    def named_parameters(
        self, *, remove_duplicate: bool = True
    ) -> Iterable[tuple[str, Any]]: ...

    def named_buffers(
        self, *, remove_duplicate: bool = True
    ) -> Iterable[tuple[str, Any]]: ...

    def named_modules(
        self, *, remove_duplicate: bool = True
    ) -> Iterable[tuple[str, Any]]: ...

    def state_dict(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class HeldTensors:
    """What a printout hides: a short description of each tensor, by its name.

    Descriptions are such as `float32 [8, 3, 7, 7]`, `float32 [] frozen` (a parameter
    that takes no gradient) or `int64 [4] not saved` (a buffer that is not part of the
    state_dict). Names that share a tensor each have their own entry.

    `shared` has the first name of a tensor by each of its further names (tied weights);
    `state` what the state_dict holds beyond parameters and saved buffers, such as the
    extra state of a module, and what of those it lacks. Both are None in a record of
    before they were kept.
    """

    parameters: dict[str, str]
    buffers: dict[str, str]
    shared: dict[str, str] | None = None
    state: dict[str, str] | None = None


def walk_modules(module: Modular) -> Iterator[tuple[str, str]]:
    """Yield (path, printed class) of every module, in printed order.

    A module that is registered in several places comes once for each of them, as it
    does in print; `named_modules` would leave the others out.
    """
    stack: list[tuple[str, Modular]] = [("", module)]
    while stack:
        path, item = stack.pop()
        yield path, item._get_name()
        stack.extend(
            (join(path, name), child)
            for name, child in reversed(list(item._modules.items()))
            if child is not None
        )


def held_tensors(module: Stateful) -> HeldTensors:
    """The parameters and buffers of a living module, in registration order."""
    unsaved = _unsaved_buffers(module)
    return HeldTensors(
        parameters={
            name: _tensor(item) + ("" if item.requires_grad else " frozen")
            for name, item in module.named_parameters(remove_duplicate=False)
        },
        buffers={
            name: _tensor(item) + (" not saved" if name in unsaved else "")
            for name, item in module.named_buffers(remove_duplicate=False)
        },
        shared=_shared(module),
        state=_beyond_tensors(module, unsaved),
    )


def _shared(module: Stateful) -> dict[str, str]:
    """The names of a tensor behind its first one, each with that first one."""
    first: dict[int, str] = {}
    found: dict[str, str] = {}
    # The list keeps every tensor alive: numbers of objects that are gone come again.
    tensors = _named_tensors(module)
    for name, item in tensors:
        known = first.setdefault(id(item), name)
        if known != name:
            found[name] = known
    return found


def _beyond_tensors(module: Stateful, unsaved: set[str]) -> dict[str, str]:
    """What the state_dict holds beside the tensors listed, and which it lacks."""
    held = module.state_dict()
    listed = {name for name, _ in _named_tensors(module)}
    more = {
        name: _tensor(item) if hasattr(item, "dtype") else type(item).__name__
        for name, item in held.items()
        if name not in listed
    }
    lacking = sorted(listed - unsaved - set(held))
    return {**more, **dict.fromkeys(lacking, "not saved")}


def state_shapes(module: Stateful) -> dict[str, tuple[int, ...]]:
    """The shapes of what the state_dict holds, by key: parameters, then buffers."""
    unsaved = _unsaved_buffers(module)
    named = _named_tensors(module)
    return {name: tuple(item.shape) for name, item in named if name not in unsaved}


def _named_tensors(module: Stateful) -> list[tuple[str, Any]]:
    """Parameters, then buffers, each under all its names."""
    return [
        *module.named_parameters(remove_duplicate=False),
        *module.named_buffers(remove_duplicate=False),
    ]


def _unsaved_buffers(module: Stateful) -> set[str]:
    return {
        join(path, name)
        for path, item in module.named_modules(remove_duplicate=False)
        for name in item._non_persistent_buffers_set
    }


def _tensor(tensor: Any) -> str:
    kind = str(tensor.dtype).removeprefix("torch.")
    # a lazy module's parameter has no shape before the first call
    if type(tensor).__name__.startswith("Uninitialized"):
        return f"{kind} [not known yet]"
    return f"{kind} {list(tensor.shape)}"

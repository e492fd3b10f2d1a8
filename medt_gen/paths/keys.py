"""Joining and cutting paths, and the steps in them that belong to wrappers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Shape = tuple[int, ...]
"""The sizes of a tensor; `()` is a scalar's."""

PartialShapes = Mapping[str, Shape | None]
"""Keys with their shapes; None where a shape is not known."""

TensorShapes = dict[str, Shape]
"""The keys of a state_dict with their shapes, in its order; `()` is a scalar."""

WRAPPERS = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "FullyShardedDataParallel": "_fsdp_wrapped_module",
    "CheckpointWrapper": "_checkpoint_wrapped_module",
    "OptimizedModule": "_orig_mod",
}
"""Modules that only wrap another one, and the name they hold it under."""

# The others take their own step out of the keys when they are saved.
_SAVED_WITH_THEIR_STEP = (
    "DataParallel",
    "DistributedDataParallel",
    "OptimizedModule",
)


def join(parent: str, name: str) -> str:
    """The module path of `name` under `parent`; the root's path is empty."""
    return f"{parent}.{name}" if parent else name


def parent_path(path: str) -> str:
    """The path of the module that holds a module or a tensor."""
    return path.rpartition(".")[0]


def paths_around(path: str) -> Iterator[str]:
    """The paths of all that is around a module, the innermost first; not the root."""
    while path := parent_path(path):
        yield path


def without_wrapper(shapes: TensorShapes) -> TensorShapes:
    """The keys without the step of a wrapper, where all of them have it."""
    for wrapper in _SAVED_WITH_THEIR_STEP:
        step = join(WRAPPERS[wrapper], "")
        if shapes and all(key.startswith(step) for key in shapes):
            return {key.removeprefix(step): shape for key, shape in shapes.items()}
    return shapes

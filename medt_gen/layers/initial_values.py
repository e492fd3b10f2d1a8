"""Initial values by lines that name tensors: a pass over all parameters of a module."""

from collections.abc import Callable, Mapping
from operator import methodcaller

from torch import Tensor, nn


def init_tensors(
    root: nn.Module, lines: Mapping[str, Callable[[Tensor], object]]
) -> None:
    """Fill each parameter of `root` by its most specific line, in the order of modules.

    A line names a parameter by its path from `root`, by a printed type and the path
    from there, or by the type of its own module: the longest of these is taken. Inside
    of a layer that draws its own weights the type of a part names nothing.
    """
    for path, module in root.named_modules():
        for name, tensor in module.named_parameters(recurse=False):
            place = [*path.split("."), name] if path else [name]
            named = (key for key in keys_of(root, place) if key in lines)
            key = next(named, None)
            if key is not None:
                lines[key](tensor)


def keys_of(root: nn.Module, path: list[str]) -> list[str]:
    """What a parameter at this path may be called, the most specific first."""
    keys, module, inside = [".".join(path)], root, False
    for place in range(1, len(path)):
        inside = inside or getattr(module, "draws_own_weights", False)
        module = module.get_submodule(path[place - 1])
        if not (inside and place == len(path) - 1):
            printed = methodcaller("_get_name")(module)
            keys.append(".".join([printed, *path[place:]]))
    return keys

"""What a living module says of itself, without importing torch: it brings its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Modular(Protocol):
    """The part of `torch.nn.Module` that a printed tree shows."""

    _modules: Mapping[str, Any]

    def _get_name(self) -> str: ...


def walk_modules(module: Modular) -> Iterator[tuple[str, str]]:
    """Yield (path, printed class) of every module, in printed order.

    A module that is registered in several places comes once for each of them, as it
    does in print; `named_modules` would leave the others out.
    """
    stack: list[tuple[str, Modular]] = [("", module)]
    while stack:
        path, item = stack.pop()
        yield path, item._get_name()
        lead = f"{path}." if path else ""
        stack.extend(
            (lead + name, child)
            for name, child in reversed(list(item._modules.items()))
            if child is not None
        )

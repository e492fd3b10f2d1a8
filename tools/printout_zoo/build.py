"""Build a public model without its weights, and keep what it prints."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from medt_gen.printouts.regression.live import walk_modules

SECONDS_A_MODEL = 60

Build = Callable[[], Any]


@dataclass(frozen=True)
class Result:
    """What one model printed, and the (path, class) pairs of its living modules.

    `unbuilt` says why the library could not build it here, and is empty otherwise;
    `overridden` lists the modules that print themselves in their own way.
    """

    library: str
    model: str
    unbuilt: str = ""
    text: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    overridden: tuple[str, ...] = ()


def try_model(library: str, model: str, build: Build, torch: Any) -> Result:
    """Build one model on the meta device, or where its code can't, on the processor."""
    reason = ""
    for device in ("meta", "cpu"):
        signal.alarm(SECONDS_A_MODEL)
        try:
            with torch.device(device):
                module = build()
            text = repr(module)
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"[:300]
            if "meta" in reason:
                continue
            break
        finally:
            signal.alarm(0)
        return _described(library, model, text, module, torch)
    return Result(library, model, reason)


def _described(library: str, model: str, text: str, module: Any, torch: Any) -> Result:
    own = tuple(
        path
        for path, item in module.named_modules(remove_duplicate=False)
        if path and _prints_itself(item, torch)
    )
    return Result(library, model, "", text, tuple(walk_modules(module)), own)


def _prints_itself(module: Any, torch: Any) -> bool:
    """Whether a module prints other rows than torch would for its children."""
    method = type(module).__repr__
    if method is torch.nn.ModuleList.__repr__:
        return list(module._modules) != [str(i) for i in range(len(module._modules))]
    return method is not torch.nn.Module.__repr__

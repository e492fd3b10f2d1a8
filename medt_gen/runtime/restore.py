"""The source of a network as a module that behaves like a file, in any process.

A saved model names `medt_gen.runtime.restore.empty_module`, and its source imports
from `medt_gen.layers`: both are promises, and a stored model is loaded by the tests.
"""

from __future__ import annotations

import copyreg
import hashlib
import linecache
import sys
from types import ModuleType
from typing import Any

from torch import nn

from medt_gen.emitter.stamp import embedded_needs

_PREFIX = "medt_gen.built."


def compiled(source: str) -> ModuleType:
    """The module of `source`; the same text gives the same module."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    name = f"{_PREFIX}n{digest}"
    if name in sys.modules:
        return sys.modules[name]
    filename = f"<{name}>"
    module = ModuleType(name, "A network built by medt-gen.")
    module.__file__ = filename
    module.__dict__["__source__"] = source
    # The source is there for tracebacks and inspect; mtime None keeps it from being
    # dropped as stale.
    linecache.cache[filename] = (
        len(source),
        None,
        source.splitlines(keepends=True),
        filename,
    )
    sys.modules[name] = module
    try:
        _executed(source, filename, module)
    except BaseException:
        # A second try is not to get what the first one left.
        del sys.modules[name]
        raise
    for item in list(vars(module).values()):
        if isinstance(item, type) and item.__module__ == name:
            copyreg.pickle(item, _reduced)
    return module


def _executed(source: str, filename: str, module: ModuleType) -> None:
    """Run the source; an import that fails says which package is needed."""
    try:
        exec(compile(source, filename, "exec"), module.__dict__)
    except ImportError as error:
        needs = embedded_needs(source)
        if not needs:
            raise
        text = f"this network needs {needs}, which can't be imported: {error}"
        raise ImportError(text) from error


def network_class(source: str, name: str) -> type[Any]:
    """The class `name` of a source; it has a `set_epoch`, with a schedule or without.

    The source itself says only what there is: a file without a schedule stays without.
    """
    kind: type[Any] = getattr(compiled(source), name)
    if not hasattr(kind, "set_epoch"):
        kind.set_epoch = _without_schedule
    return kind


def _without_schedule(model: nn.Module, epoch: int) -> None:
    """Before epoch `epoch`, counted from 0; nothing changes: there is no schedule."""


def _reduced(model: nn.Module) -> tuple[Any, ...]:
    """How a built model is pickled: with the source of its classes."""
    kind = type(model)
    source = sys.modules[kind.__module__].__dict__["__source__"]
    return empty_module, (source, kind.__name__), vars(model).copy()


def empty_module(source: str, name: str) -> nn.Module:
    """A model without state, for pickle to fill: of the class `name` in `source`."""
    kind = network_class(source, name)
    model: nn.Module = object.__new__(kind)
    return model

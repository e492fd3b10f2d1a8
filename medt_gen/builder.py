"""A spec -> an `nn.Module`, by compiling the source that `emit` writes."""

from __future__ import annotations

import copyreg
import hashlib
import linecache
import sys
from types import ModuleType
from typing import Any

from torch import nn

from medt_gen.emitter.source import emit
from medt_gen.emitter.stamp import embedded_spec
from medt_gen.loading import Spec

_PREFIX = "medt_gen.built."


def build(spec: Spec) -> nn.Module:
    """The network of `spec`, with fresh weights drawn from torch's default generator.

    Its source is what `emit` writes, with the layers imported: tracebacks show its
    lines, and it can be pickled, copied, compiled and exported like any other module.
    """
    module = _compiled(emit(spec, standalone=False))
    network: nn.Module = getattr(module, spec.network.name)()
    return network


def spec_document(model: nn.Module) -> dict[str, Any]:
    """The composed spec that a model was built from.

    Raises ValueError for a model that medt-gen did not build.
    """
    module = sys.modules.get(type(model).__module__)
    source = getattr(module, "__source__", None)
    if source is None:
        raise ValueError(f"{type(model).__name__} was not built by medt-gen")
    return embedded_spec(source)


def _compiled(source: str) -> ModuleType:
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
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    sys.modules[name] = module
    exec(compile(source, filename, "exec"), module.__dict__)
    for item in list(vars(module).values()):
        if isinstance(item, type) and item.__module__ == name:
            copyreg.pickle(item, _reduced)
    return module


def _reduced(model: nn.Module) -> tuple[Any, ...]:
    """How a built model is pickled: with the source of its classes."""
    kind = type(model)
    source = sys.modules[kind.__module__].__dict__["__source__"]
    return _empty, (source, kind.__name__), vars(model).copy()


def _empty(source: str, name: str) -> nn.Module:
    """A model without state, for pickle to fill."""
    kind = getattr(_compiled(source), name)
    model: nn.Module = kind.__new__(kind)
    return model

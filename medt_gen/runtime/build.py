"""A spec -> an `nn.Module`, by compiling the source that `emit` writes."""

from __future__ import annotations

from torch import nn

from medt_gen.emitter.source import emit
from medt_gen.loading.spec import Spec
from medt_gen.runtime.restore import compiled


def build(spec: Spec) -> nn.Module:
    """The network of `spec`, with fresh weights drawn from torch's default generator.

    Its source is what `emit` writes, with the layers imported: tracebacks show its
    lines, and it can be pickled, copied, compiled and exported like any other module.
    """
    module = compiled(emit(spec, standalone=False))
    network: nn.Module = getattr(module, spec.network.name)()
    return network

"""A spec -> an `nn.Module`, by compiling the source that `emit` writes."""

from __future__ import annotations

from medt_gen.emitter.source import emit
from medt_gen.loading.spec import Spec
from medt_gen.model import Network
from medt_gen.runtime.restore import network_class


def build(spec: Spec) -> Network:
    """The network of `spec`, with fresh weights drawn from torch's default generator.

    Its source is what `emit` writes, with the layers imported: tracebacks show its
    lines, and it can be pickled, copied, compiled and exported like any other module.
    """
    source = emit(spec, standalone=False)
    network: Network = network_class(source, spec.network.name)()
    return network

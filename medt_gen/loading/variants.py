"""A spec with other values of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from medt_gen.algebra.terms import Plain
from medt_gen.loading.largest import with_size
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.messages.faulty import FAULTY
from medt_gen.messages.problems import Problems
from medt_gen.network.records import Network
from medt_gen.resolve.network import resolve_network
from medt_gen.spec.nodes import ScalarNode


def with_parameters(spec: Spec, values: Mapping[str, Plain]) -> Network | None:
    """The network with these values of parameters; None where the spec refuses them."""
    parameters = dict(spec.declared.root.parameters)
    for name, value in values.items():
        node = ScalarNode(value, parameters[name].key.place)
        parameters[name] = replace(parameters[name], default=node)
    root = replace(spec.declared.root, declared_parameters=parameters)
    declared = replace(spec.declared, root=root)
    given = declared.input
    if given is not FAULTY and given.largest is not None:
        declared = with_size(declared, given.largest)
    try:
        return resolve_network(declared, spec.types, Problems(most=0), spec.limits)
    except InvalidInput:
        return None

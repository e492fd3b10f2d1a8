"""The parameters of a model for an optimiser: closed gates, too, and what decays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from torch import nn

from medt_gen.catalog.attention import ATTENTION_KINDS
from medt_gen.messages.wording import did_you_mean, either

ParameterRole = Literal["norms", "biases", "tables", "gates"]
"""What decay may be kept off."""

_GATES = frozenset(gate for kind in ATTENTION_KINDS for gate in kind.gates)
_NORMS = (
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.RMSNorm,
)
_NORM_NAME = re.compile(r"Norm(\d?d)?$")
"""The end of a class's name in other libraries: LayerNorm2d, FrozenBatchNorm2d."""
_TABLE_NAME = re.compile(r"(?:^|_)(?:rel|relative|abs|absolute|pos|position)s?(?:_|$)")
"""A table of positions, as parameters are called: relative, pos_embed, rel_pos_h."""


def parameter_groups(
    model: nn.Module,
    *,
    weight_decay: float,
    no_decay: Sequence[ParameterRole] = (),
) -> list[dict[str, Any]]:
    """Groups for an optimiser: of all parameters that learn, now or later.

    The gates of gated attention are among them while they are closed: their gradient is
    None then, and an optimiser passes over them. Other frozen parameters are left out.
    Raises ValueError for a role that there is none of.
    """
    _check(no_decay)
    decayed: list[nn.Parameter] = []
    kept: list[nn.Parameter] = []
    for item in _held(model):
        if item.parameter.requires_grad or "gates" in item.roles:
            spared = not item.roles.isdisjoint(no_decay)
            (kept if spared else decayed).append(item.parameter)
    groups = ((decayed, weight_decay), (kept, 0.0))
    return [{"params": params, "weight_decay": x} for params, x in groups if params]


def _check(no_decay: Sequence[str]) -> None:
    known = get_args(ParameterRole)
    if isinstance(no_decay, str):
        raise TypeError(f'no_decay is a list of names, such as ["{known[0]}"]')
    for name in no_decay:
        if name not in known:
            help = did_you_mean(name, known) or f"known: {either(known, 'and')}"
            raise ValueError(f"no_decay has no `{name}`: {help}")


@dataclass(frozen=True)
class _Held:
    """A parameter, and what it is for where it is held first."""

    parameter: nn.Parameter
    roles: frozenset[str]


def _held(model: nn.Module) -> Iterator[_Held]:
    """Every parameter once, in the order of the model."""
    seen: set[nn.Parameter] = set()
    for path, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter not in seen:
                seen.add(parameter)
                yield _Held(parameter, frozenset(_roles(path, module, name, parameter)))


def _roles(
    path: str, module: nn.Module, name: str, parameter: nn.Parameter
) -> Iterator[ParameterRole]:
    if isinstance(module, _NORMS) or _NORM_NAME.search(type(module).__name__):
        yield "norms"
    elif name == "bias" or name.startswith("bias_") or name.endswith("_bias"):
        yield "biases"
    if name in _GATES and parameter.dim() == 0:
        yield "gates"
    own = path.rpartition(".")[2] if isinstance(module, nn.Embedding) else name
    if parameter.dim() > 1 and _TABLE_NAME.search(own):
        yield "tables"

"""Uses of each operation, the inputs that they take, and what they compute.

An operation without a case fails a test. Other values of the flow are named in `VALUES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from catalog.layer_cases import ANY, SPACE, VOLUME

Values = dict[str, Tensor]


@dataclass(frozen=True)
class OperationCase:
    """A step, the inputs for which it has a result, and this result in torch's words."""

    step: str
    takes: frozenset[str]
    result: Callable[[Values], Tensor]


def case(step: str, takes: str, result: Callable[[Values], Tensor]) -> OperationCase:
    """A case that takes the inputs named in `takes`."""
    return OperationCase(step, frozenset(takes.split()), result)


def _function(function: Callable[[Tensor], Tensor]) -> Callable[[Values], Tensor]:
    return lambda values: function(values["value"])


def _interpolated(
    mode: str | None = None, **more: object
) -> Callable[[Values], Tensor]:
    def result(values: Values) -> Tensor:
        x = values["value"]
        linear = "trilinear" if x.dim() == 5 else "bilinear"
        return F.interpolate(x, mode=mode or linear, **more)

    return result


def _resized(mode: str | None = None) -> Callable[[Values], Tensor]:
    def result(values: Values) -> Tensor:
        return _interpolated(mode, size=values["small"].shape[2:])(values)

    return result


def _pooled(kind: str, **more: object) -> Callable[[Values], Tensor]:
    def result(values: Values) -> Tensor:
        x = values["value"]
        return getattr(F, f"{kind}_pool{x.dim() - 2}d")(x, **more)

    return result


def _scaled(name: str) -> Callable[[Values], Tensor]:
    def result(values: Values) -> Tensor:
        x, weights = values["value"], values[name]
        return x * weights.reshape(*weights.shape[:2], *[1] * (x.dim() - 2))

    return result


SPACE_VALUES = {
    "same": "value | relu()",
    "weights": "value | mean() | sigmoid()",
    "small": "value | max_pool(2)",
}
FEATURE_VALUES = {"same": "value | relu()", "weights": "value | sigmoid()"}


def values_of(value: Tensor) -> Values:
    """What `SPACE_VALUES` or `FEATURE_VALUES` come to."""
    same = torch.relu(value)
    if value.dim() == 2:
        return {"value": value, "same": same, "weights": torch.sigmoid(value)}
    weights = torch.sigmoid(value.flatten(2).mean(2))
    small = _pooled("max", kernel_size=2)({"value": value})
    return {"value": value, "same": same, "weights": weights, "small": small}


OPERATION_CASES: dict[str, tuple[OperationCase, ...]] = {
    "add": (
        case("add(same)", ANY, lambda v: v["value"] + v["same"]),
        case("add(same, value)", ANY, lambda v: v["value"] + v["same"] + v["value"]),
        case("add(small)", "", torch.stack),
        case("add(x)", SPACE, lambda v: v["value"] + v["x"]),
    ),
    "multiply": (
        case("multiply(same)", ANY, lambda v: v["value"] * v["same"]),
        case("multiply(same, same)", ANY, lambda v: v["value"] * v["same"] ** 2),
        case("multiply(x)", SPACE, lambda v: v["value"] * v["x"]),
    ),
    "scale": (
        case("scale(weights)", ANY, _scaled("weights")),
        case("scale(small)", "", torch.stack),
    ),
    "concat": (
        case("concat(same)", ANY, lambda v: torch.cat((v["value"], v["same"]), 1)),
        case(
            "concat(same, value)",
            ANY,
            lambda v: torch.cat((v["value"], v["same"], v["value"]), 1),
        ),
        case("concat(small)", "", torch.stack),
    ),
    "upsample": (
        case("upsample(2)", SPACE, _interpolated(scale_factor=2)),
        case("upsample(1)", SPACE, _interpolated(scale_factor=1)),
        case("upsample([2, 3])", "map", _interpolated(scale_factor=(2, 3))),
        case("upsample([1, 2, 3])", VOLUME, _interpolated(scale_factor=(1, 2, 3))),
        case("upsample(3, mode=nearest)", SPACE, _interpolated("nearest", scale_factor=3)),
        case(
            "upsample(2, align_corners=true)",
            SPACE,
            _interpolated(scale_factor=2, align_corners=True),
        ),
    ),
    "resize": (
        case("resize(small)", SPACE, _resized()),
        case("resize(small, mode=nearest)", SPACE, _resized("nearest")),
        case("resize(weights)", "", torch.stack),
    ),
    "mean": (case("mean()", SPACE, _function(lambda x: x.flatten(2).mean(2))),),
    "flatten": (case("flatten()", ANY, _function(lambda x: x.flatten(1))),),
    "max_pool": (
        case("max_pool(2)", SPACE, _pooled("max", kernel_size=2)),
        case(
            "max_pool(3, stride=2, padding=1)",
            SPACE,
            _pooled("max", kernel_size=3, stride=2, padding=1),
        ),
        case("max_pool([2, 3])", "map", _pooled("max", kernel_size=(2, 3))),
        case("max_pool(20)", "", torch.stack),
    ),
    "avg_pool": (
        case("avg_pool(2)", SPACE, _pooled("avg", kernel_size=2)),
        case(
            "avg_pool(3, stride=2, padding=1)",
            SPACE,
            _pooled("avg", kernel_size=3, stride=2, padding=1),
        ),
        case("avg_pool([1, 2, 3])", VOLUME, _pooled("avg", kernel_size=(1, 2, 3))),
        case("avg_pool(2, padding=2)", "", torch.stack),
    ),
    "relu": (case("relu()", ANY, _function(torch.relu)),),
    "gelu": (case("gelu()", ANY, _function(F.gelu)),),
    "silu": (case("silu()", ANY, _function(F.silu)),),
    "sigmoid": (case("sigmoid()", ANY, _function(torch.sigmoid)),),
    "tanh": (case("tanh()", ANY, _function(torch.tanh)),),
    "leaky_relu": (
        case("leaky_relu()", ANY, _function(lambda x: F.leaky_relu(x, 0.01))),
        case("leaky_relu(0.2)", ANY, _function(lambda x: F.leaky_relu(x, 0.2))),
    ),
    "softmax": (case("softmax()", ANY, _function(lambda x: torch.softmax(x, 1))),),
}  # fmt: skip

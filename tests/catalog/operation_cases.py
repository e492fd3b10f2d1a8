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


def _padded_to(x: Tensor, *steps: int) -> Tensor:
    """Zeros behind each axis, one axis after the other."""
    for dim in range(2, x.dim()):
        step = steps[dim - 2 if len(steps) > 1 else 0]
        missing = -(-x.size(dim) // step) * step - x.size(dim)
        zeros = x.new_zeros(*x.shape[:dim], missing, *x.shape[dim + 1 :])
        x = torch.cat((x, zeros), dim)
    return x


def _cropped(x: Tensor, like: Tensor) -> Tensor:
    starts = [(a - b) // 2 for a, b in zip(x.shape[2:], like.shape[2:], strict=True)]
    parts = zip(starts, like.shape[2:], strict=True)
    return x[(..., *(slice(start, start + size) for start, size in parts))]


def _moved(dim: int, groups: int, *, wraps: bool) -> Callable[[Values], Tensor]:
    """Each group rolled by itself; without wrapping, what has come round is cleared."""

    def moved(x: Tensor) -> Tensor:
        parts = []
        for by, part in enumerate(torch.chunk(x, groups, 1), -(groups // 2)):
            rolled = torch.roll(part, by, dim)
            if by and not wraps:
                rolled = rolled.clone()
                axis, size = rolled.movedim(dim, 0), abs(by)
                (axis[:size] if by > 0 else axis[-size:]).zero_()
            parts.append(rolled)
        return torch.cat(parts, 1)

    return _function(moved)


def _five_moved(values: Values) -> Tensor:
    """Five groups by default: 60 channels are enough for them."""
    x = torch.cat([values["value"], *[values["same"]] * 4], 1)
    return _moved(-2, 5, wraps=False)({"value": x})


SPACE_VALUES = {
    "same": "value | relu()",
    "weights": "value | mean() | sigmoid()",
    "small": "value | max_pool(2)",
    "pixels": "value | mean(channels)",
    "lines": "value | mean(height)",
}
FEATURE_VALUES = {"same": "value | relu()", "weights": "value | sigmoid()"}


def values_of(value: Tensor) -> Values:
    """What `SPACE_VALUES` or `FEATURE_VALUES` come to."""
    same = torch.relu(value)
    if value.dim() == 2:
        return {"value": value, "same": same, "weights": torch.sigmoid(value)}
    weights = torch.sigmoid(value.flatten(2).mean(2))
    small = _pooled("max", kernel_size=2)({"value": value})
    pixels, lines = value.mean(1, keepdim=True), value.mean(-2, keepdim=True)
    known = {"value": value, "same": same, "weights": weights, "small": small}
    return {**known, "pixels": pixels, "lines": lines}


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
        case("scale(pixels)", SPACE, lambda v: v["value"] * v["pixels"]),
        case("scale(lines)", SPACE, lambda v: v["value"] * v["lines"]),
        case("scale(same)", ANY, lambda v: v["value"] * v["same"]),
    ),
    "subtract": (
        case("subtract(same)", ANY, lambda v: v["value"] - v["same"]),
        case("subtract(small)", "", torch.stack),
    ),
    "split": (
        case("split(0, 2)", ANY, _function(lambda x: x.chunk(2, 1)[0])),
        case("split(index=2, parts=3)", ANY, _function(lambda x: x.chunk(3, 1)[2])),
        case("split(0, 7)", "", torch.stack),
        case("split(3, 3)", "", torch.stack),
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
        case("resize(0.5)", SPACE, _interpolated(scale_factor=0.5)),
        case("resize(0.3)", SPACE, _interpolated(scale_factor=0.3)),
        case("resize(1.7)", SPACE, _interpolated(scale_factor=1.7)),
        case("resize(2)", SPACE, _interpolated(scale_factor=2)),
        case("resize([0.25, 2])", "map", _interpolated(scale_factor=(0.25, 2))),
        case("resize(0.5, mode=nearest)", SPACE, _interpolated("nearest", scale_factor=0.5)),
        case("resize(0.01)", "", torch.stack),
        case("resize()", "", torch.stack),
        case("resize(small, factor=2)", "", torch.stack),
    ),
    "mean": (
        case("mean()", SPACE, _function(lambda x: x.flatten(2).mean(2))),
        case("mean(channels)", ANY, _function(lambda x: x.mean(1, keepdim=True))),
        case("mean(height)", SPACE, _function(lambda x: x.mean(-2, keepdim=True))),
        case("mean(axis=width)", SPACE, _function(lambda x: x.mean(-1, keepdim=True))),
        case("mean(depth)", VOLUME, _function(lambda x: x.mean(2, keepdim=True))),
    ),
    "max": (
        case("max()", SPACE, _function(lambda x: x.flatten(2).amax(2))),
        case("max(channels)", ANY, _function(lambda x: x.amax(1, keepdim=True))),
        case("max(height)", SPACE, _function(lambda x: x.amax(-2, keepdim=True))),
        case("max(depth)", VOLUME, _function(lambda x: x.amax(2, keepdim=True))),
    ),
    "pad": (
        case("pad(2)", SPACE, _function(lambda x: F.pad(x, [2, 2] * (x.dim() - 2)))),
        case("pad([1, 2, 3, 0])", "map", _function(lambda x: F.pad(x, [1, 2, 3, 0]))),
        case(
            "pad([1, 2, 3, 0, 0, 1])",
            VOLUME,
            _function(lambda x: F.pad(x, [1, 2, 3, 0, 0, 1])),
        ),
    ),
    "pad_to": (
        case("pad_to(7)", SPACE, _function(lambda x: _padded_to(x, 7))),
        case("pad_to(2)", SPACE, _function(lambda x: _padded_to(x, 2))),
        case("pad_to([3, 20])", "map", _function(lambda x: _padded_to(x, 3, 20))),
    ),
    "crop": (
        case("crop(small)", SPACE, lambda v: _cropped(v["value"], v["small"])),
        case("crop(same)", SPACE, _function(lambda x: x)),
        case("crop(weights)", "", torch.stack),
        case("pad(1) | crop(value)", SPACE, _function(lambda x: x)),
    ),
    "shift": (
        case("concat(same, same, same, same) | shift(axis=height)", SPACE, _five_moved),
        case("shift(axis=height)", "", torch.stack),
        case("shift(axis=width, groups=3)", SPACE, _moved(-1, 3, wraps=False)),
        case("shift(axis=depth, groups=3)", VOLUME, _moved(2, 3, wraps=False)),
        case("shift(axis=height, groups=4)", "", torch.stack),
        case("shift(axis=height, groups=11)", "", torch.stack),
    ),
    "roll": (
        case("roll(axis=width, groups=3)", SPACE, _moved(-1, 3, wraps=True)),
        case("roll(axis=height, groups=1)", SPACE, _function(lambda x: x)),
    ),
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
        case(
            "max_pool(3, stride=2, ceil_mode=true)",
            SPACE,
            _pooled("max", kernel_size=3, stride=2, ceil_mode=True),
        ),
        case(
            "max_pool(2, stride=1, dilation=2)",
            SPACE,
            _pooled("max", kernel_size=2, stride=1, dilation=2),
        ),
    ),
    "avg_pool": (
        case("avg_pool(2)", SPACE, _pooled("avg", kernel_size=2)),
        case(
            "avg_pool(3, stride=2, padding=1)",
            SPACE,
            _pooled("avg", kernel_size=3, stride=2, padding=1),
        ),
        case(
            "avg_pool(3, stride=2, padding=1, ceil_mode=true, count_include_pad=false)",
            SPACE,
            _pooled(
                "avg",
                kernel_size=3,
                stride=2,
                padding=1,
                ceil_mode=True,
                count_include_pad=False,
            ),
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

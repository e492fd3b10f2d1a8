"""The Python expression of each operation of `forward:`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from medt_gen.emitter.code import Call, Code, Infix, Keyword, literal


@dataclass(frozen=True)
class Operand:
    """What an operation gets: the value so far, the other values, its arguments.

    `rank` is the number of axes of space of the value, `ranks` that of the others.
    """

    value: Code
    others: tuple[str, ...]
    given: Mapping[str, str]
    rank: int
    ranks: tuple[int, ...] = ()


Build = Callable[[Operand], Code]


def operation_code(name: str, operand: Operand) -> Code:
    """The expression of the operation called `name`."""
    return _BUILD[name](operand)


def _infix(operator: str) -> Build:
    return lambda item: Infix(operator, (item.value, *item.others))


def _function(name: str, *arguments: Code) -> Build:
    return lambda item: Call(name, (item.value, *arguments))


def _scale(item: Operand) -> Code:
    missing = item.rank - item.ranks[0]
    tail = "[:, :" + ", None" * missing + "]" if missing else ""
    return Infix("*", (item.value, item.others[0] + tail))


def _concat(item: Operand) -> Code:
    return Call(
        "torch.cat", (Call("", (item.value, *item.others)), Keyword("dim", "1"))
    )


def _upsample(item: Operand) -> Code:
    factor = item.given["factor"]
    if set(item.given) == {"factor"}:
        return Call("upsample", (item.value, factor))
    scale = factor
    if not factor.startswith("("):
        scale = "(" + ", ".join([factor] * item.rank) + ")"
    return _interpolate(item, Keyword("scale_factor", scale))


def _resize(item: Operand) -> Code:
    if not item.given:
        return Call("resize", (item.value, item.others[0]))
    return _interpolate(item, Keyword("size", f"{item.others[0]}.shape[2:]"))


def _interpolate(item: Operand, size: Code) -> Code:
    nearest = item.given.get("mode") == literal("nearest")
    linear = {2: "bilinear", 3: "trilinear"}[item.rank]
    mode = Keyword("mode", literal("nearest" if nearest else linear))
    arguments = [item.value, size, mode]
    if "align_corners" in item.given and not nearest:
        arguments.append(Keyword("align_corners", item.given["align_corners"]))
    return Call("F.interpolate", tuple(arguments))


def _mean(item: Operand) -> Code:
    axes = ", ".join(str(axis) for axis in range(2, 2 + item.rank))
    return Call("torch.mean", (item.value, Keyword("dim", f"({axes})")))


def _pool(kind: str) -> Build:
    def build(item: Operand) -> Code:
        rest = [
            Keyword(name, item.given[name])
            for name in ("stride", "padding")
            if name in item.given
        ]
        name = f"F.{kind}_pool{item.rank}d"
        return Call(name, (item.value, item.given["kernel_size"], *rest))

    return build


def _leaky_relu(item: Operand) -> Code:
    slope = item.given.get("negative_slope", "0.01")
    return Call("F.leaky_relu", (item.value, slope))


_BUILD: dict[str, Build] = {
    "add": _infix("+"),
    "multiply": _infix("*"),
    "scale": _scale,
    "concat": _concat,
    "upsample": _upsample,
    "resize": _resize,
    "mean": _mean,
    "flatten": _function("torch.flatten", "1"),
    "max_pool": _pool("max"),
    "avg_pool": _pool("avg"),
    "relu": _function("F.relu"),
    "gelu": _function("F.gelu"),
    "silu": _function("F.silu"),
    "leaky_relu": _leaky_relu,
    "sigmoid": _function("torch.sigmoid"),
    "tanh": _function("torch.tanh"),
    "softmax": _function("torch.softmax", Keyword("dim", "1")),
}

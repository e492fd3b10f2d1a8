"""What a network refuses to run on, said before anything else is."""

from collections.abc import Sequence

import torch
from torch import Tensor


def check_input(
    x: Tensor,
    network: str,
    channels: int,
    multiples: Sequence[int] = (),
    least: Sequence[int] | None = None,
    largest: Sequence[int | None] | None = None,
) -> None:
    """Raise ValueError where x is no [N, channels, *size] that the network is made for.

    Each axis of space is a multiple of a number, from `least` on (else of the number
    itself) and up to `largest` (None for no end). Compilers and exporters don't see it.
    """
    traced = torch.compiler.is_compiling() or bool(torch._C._get_tracing_state())
    if traced or not isinstance(x, Tensor):
        return
    ends = largest or [None] * len(multiples)
    bounds = list(zip(multiples, least or multiples, ends, strict=True))
    fits = x.dim() == 2 + len(multiples) and x.shape[1] == channels
    if fits and all(
        axis % step == 0 and first <= axis and (last is None or axis <= last)
        for axis, (step, first, last) in zip(x.shape[2:], bounds, strict=True)
    ):
        return
    names = ("D", "H", "W")[3 - len(multiples) :]
    wanted = [
        f"{name} = {sizes_in_words(*bound)}"
        for name, bound in zip(names, bounds, strict=True)
    ]
    shape = ", ".join(["N", str(channels), *names])
    with_sizes = f" with {' and '.join(wanted)}" if wanted else ""
    raise ValueError(
        f"{network} takes [{shape}]{with_sizes}, and this is {list(x.shape)}"
    )


def sizes_in_words(step: int, first: int, last: int | None) -> str:
    """The lengths that an axis may have."""
    if first == last:
        return str(first)
    end = "on" if last is None else f"to {last}"
    return f"{first} {end}" if step == 1 else f"{first}, {first + step}, ... {end}"

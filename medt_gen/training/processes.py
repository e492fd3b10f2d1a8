"""The processes that train together, by Lightning Fabric; usually it is one."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput

_PRECISIONS = {"32": "32-true", "16": "16-mixed", "bf16": "bf16-mixed"}


def start(precision: str, device: str) -> Any:
    """A Fabric, its processes joined: those that torchrun started, or this one.

    Raises UnreadableInput for a device that there is none of.
    """
    from lightning.fabric import Fabric
    from lightning.fabric.strategies import DDPStrategy

    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    here = int(os.environ.get("LOCAL_WORLD_SIZE", str(world)))
    if device == "cuda" and not torch.cuda.is_available():
        text = "torch sees no GPU that it can use: --device cuda"
        raise UnreadableInput(Diagnostic("usage", text, help="use --device cpu"))
    accelerator = device
    if device == "auto":
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
    strategy: Any = "auto"
    if world > 1:
        strategy = DDPStrategy(find_unused_parameters=False)
    double = precision == "64"
    fabric = Fabric(
        accelerator=accelerator,
        devices=here,
        num_nodes=world // here,
        strategy=strategy,
        precision=None if double else _PRECISIONS[precision],
        plugins=_whole_double() if double else None,
    )
    fabric.launch()
    return fabric


def _whole_double() -> Any:
    """Double precision of Fabric, whose outputs stay double: a loss is made of them."""
    from lightning.fabric.plugins.precision.double import DoublePrecision

    class WholeDouble(DoublePrecision):  # type: ignore[misc]
        def convert_output(self, data: Any) -> Any:
            return data

    return WholeDouble()


def summed(values: Tensor) -> Tensor:
    """The sum of a small tensor over all processes."""
    if not _several():
        return values
    found = values.clone()
    dist.all_reduce(found)
    return found


def gathered(item: Any) -> list[Any]:
    """A small object of every process, in their order, known to all of them."""
    if not _several():
        return [item]
    found: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(found, item)
    return found


def from_first(item: Any) -> Any:
    """What the first process says, known to all."""
    if not _several():
        return item
    box = [item]
    dist.broadcast_object_list(box)
    return box[0]


def alike_buffers(model: torch.nn.Module) -> None:
    """Running statistics are those of the first process, as DDP has them in a step."""
    if _several():
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)


def finish(*, well: bool) -> None:
    """Leave the other processes, where all went well when all of them are done."""
    if dist.is_available() and dist.is_initialized():
        if well:
            dist.barrier()
        dist.destroy_process_group()


def leave(status: int) -> int:
    """The exit code; one of several processes ends at once.

    A thread of torch's that still lets go of Python's objects aborts a process that
    takes its time to end, and torchrun would call a finished run a failed one.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def _several() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1

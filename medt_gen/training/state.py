"""All that a run needs to go on to the bit, in one file that is written in one step."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import torch

from medt_gen.files.durable import write_durably
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown

_FORMAT = 1


def write_state(path: Path, tensors: dict[str, Any], facts: dict[str, Any]) -> None:
    """Write tensors, in mappings and lists, and plain facts, kept as JSON."""
    whole = {"format": _FORMAT, "tensors": tensors, "facts": json.dumps(facts)}
    buffer = io.BytesIO()
    torch.save(whole, buffer)
    write_durably(path, buffer.getvalue())


def read_state(path: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What was written, on the processor; None where nothing was yet."""
    if not path.exists():
        return None
    try:
        whole = torch.load(path, map_location="cpu", weights_only=True)
        if whole["format"] != _FORMAT:
            raise ValueError(f"it has the format {whole['format']}")
        return whole["tensors"], json.loads(whole["facts"])
    except Exception as error:
        # Whatever a damaged file makes torch raise, the file is at fault.
        reason = shown(str(error).split("\n")[0], 160)
        text = f"can't read {shown(str(path), 500)}: {reason}"
        raise UnreadableInput(Diagnostic("run", text)) from None


def generators() -> dict[str, Any]:
    """The states of torch's generators in this process."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"cpu": torch.get_rng_state(), "cuda": cuda}


def set_generators(state: dict[str, Any]) -> None:
    """Let torch's generators go on where they were."""
    torch.set_rng_state(state["cpu"])
    if state["cuda"]:
        torch.cuda.set_rng_state_all(state["cuda"])

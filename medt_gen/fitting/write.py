"""A file of weights, whole or not at all: `.safetensors`, or `.pt` as torch saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from medt_gen.files.writing import OTHER_OUTPUT, not_overwritten, write_with
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput

if TYPE_CHECKING:
    from torch import Tensor

ENDINGS = (".safetensors", ".pt", ".pth")


def check_output(path: Path, *, force: bool) -> None:
    """Refuse an ending that says nothing, and a file that is there already.

    Raises UnreadableInput, InvalidInput.
    """
    if path.suffix not in ENDINGS:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"-o {path}: the ending decides the form, and must be one of "
                f"{', '.join(ENDINGS)}",
            )
        )
    if path.suffix == ".safetensors":
        _library()
    if path.exists() and not force:
        raise not_overwritten(path, "it exists", OTHER_OUTPUT)


def write_weights(path: Path, tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Write tensors in one step; the lines say what a reader has to know.

    Raises UnreadableInput where it can't be written.
    """
    if path.suffix == ".safetensors":
        return _write_safetensors(path, tensors)
    write_with(path, lambda part: torch.save(dict(tensors), part))
    return ()


def _write_safetensors(path: Path, tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    save_file = _library()
    kept: dict[str, Tensor] = {}
    first: dict[tuple[int, tuple[int, ...], tuple[int, ...]], str] = {}
    removed: dict[str, str] = {}
    for name, tensor in tensors.items():
        place = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride())
        if tensor.numel() and place in first:
            # As safetensors' own save_model notes it: the name that is left out, and
            # the one under which its values are.
            removed[name] = first[place]
            continue
        first[place] = name
        kept[name] = tensor.contiguous().clone()
    metadata = {"format": "pt", **removed}
    write_with(path, lambda part: save_file(kept, part, metadata=metadata))
    if not removed:
        return ()
    listed = ", ".join(f"{name} (as {key})" for name, key in removed.items())
    return (
        f"tied tensors are stored once: {listed}; safetensors.torch.load_model loads "
        "them with strict=True",
    )


def _library() -> Callable[..., None]:
    try:
        from safetensors.torch import save_file
    except ImportError:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                "files of safetensors are written by the library `safetensors`",
                help="pip install 'medt-gen[weights]', or write a .pt",
            )
        ) from None
    writer: Callable[..., None] = save_file
    return writer

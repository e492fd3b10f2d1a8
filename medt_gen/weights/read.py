"""Checkpoints: the keys of a state_dict with their shapes, and never a value.

A file of safetensors is read by its header alone. A pickle in a zip archive, as
`torch.save` writes it, is read by torch with `weights_only=True`, onto no device; torch
before 2.10 is refused (CVE-2025-32434, CVE-2026-24747: a crafted file could run code).
"""

from __future__ import annotations

import json
import math
import zipfile
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from medt_gen.files.reading import unreadable
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown
from medt_gen.paths.keys import TensorShapes, without_wrapper

ENDINGS = (".pt", ".pth", ".bin", ".ckpt", ".safetensors")
_SAFE_TORCH = (2, 10)
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_MOST_HEADER = 32 << 20
_MOST_PICKLE = 64 << 20
_MOST_ENTRIES = 200_000
_INSIDE = ("state_dict", "model_state_dict", "model", "net", "network", "weights")
# Bytes of an element, by safetensors' names.
_WIDTHS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 8),
}


def is_checkpoint(path: str) -> bool:
    """Whether a file is a checkpoint, by its first bytes or else its ending."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(16)
    except (OSError, ValueError):
        return path.endswith(ENDINGS)
    if start.startswith((_ZIP, _PICKLE)) or start[8:9] == b"{":
        return True
    return path.endswith(ENDINGS)


def read_checkpoint(path: str) -> TensorShapes:
    """Every key with its shape, in the order of the file.

    Prefixes that wrappers give to all keys (`module.`) are dropped. Raises
    UnreadableInput for what is no checkpoint, is damaged, or could harm.
    """
    try:
        size = Path(path).stat().st_size
        with Path(path).open("rb") as file:
            start = file.read(9)
            file.seek(0)
            shapes = _read(path, file, start, size)
    except OSError as error:
        raise UnreadableInput(unreadable(path, error)) from None
    return without_wrapper(shapes)


def _read(path: str, file: BinaryIO, start: bytes, size: int) -> TensorShapes:
    if start.startswith(_ZIP):
        _check_archive(path, file, size)
        return _read_pickle(path, size)
    if start.startswith(_PICKLE):
        raise _refused(
            path,
            "it is a bare pickle, as torch before 1.6 wrote it",
            "load it with a torch you trust it to, and save it again",
        )
    if len(start) == 9 and start[8:] == b"{":
        return _read_safetensors(path, file, size)
    raise _refused(path, "it is neither a safetensors file nor one of torch.save")


def _refused(path: str, reason: str, help: str | None = None) -> UnreadableInput:
    return UnreadableInput(
        Diagnostic("checkpoint", f"can't read {shown(path)}: {reason}", help=help)
    )


def _read_safetensors(path: str, file: BinaryIO, size: int) -> TensorShapes:
    length = int.from_bytes(file.read(8), "little")
    if length > min(_MOST_HEADER, size - 8):
        raise _refused(path, "its header is longer than the file, or than any real one")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError):
        raise _refused(path, "its header is no JSON") from None
    if not isinstance(header, dict):
        raise _refused(path, "its header is no mapping")
    data = size - 8 - length
    tensors = [
        _tensor(path, key, entry, data)
        for key, entry in header.items()
        if key != "__metadata__"
    ]
    # The header's order is by type and name; the data's is the order of saving.
    tensors.sort(key=attrgetter("begin"))
    return {tensor.key: tensor.shape for tensor in tensors}


@dataclass(frozen=True)
class _StoredTensor:
    """A tensor of a safetensors file: where its data begin, its key and its shape."""

    begin: int
    key: str
    shape: tuple[int, ...]


def _tensor(path: str, key: str, entry: Any, data: int) -> _StoredTensor:
    """What the header says of a tensor; its claims must fit the file."""
    if not isinstance(entry, dict):
        raise _refused(path, f"`{shown(key)}` is no tensor")
    shape, offsets = _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if shape is None or offsets is None or len(offsets) != 2:
        raise _refused(path, f"`{shown(key)}` has no shape, or no place")
    begin, end = offsets
    width = _WIDTHS.get(str(entry.get("dtype")))
    if not begin <= end <= data or (width and math.prod(shape) * width != end - begin):
        raise _refused(path, f"`{shown(key)}` claims data that the file does not hold")
    return _StoredTensor(begin, key, shape)


def _counts(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list):
        return None
    whole = all(type(item) is int and 0 <= item < 2**63 for item in value)
    return tuple(value) if whole else None


def _check_archive(path: str, file: BinaryIO, size: int) -> None:
    """Refuse archives that would unpack to more than they are."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise _refused(path, "the archive is damaged or cut off") from None
    if len(entries) > _MOST_ENTRIES:
        raise _refused(path, f"it has more than {_MOST_ENTRIES:,} entries")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise _refused(path, "it is compressed, and torch.save never compresses")
    if sum(entry.file_size for entry in entries) > size:
        raise _refused(path, "its entries claim more than the file holds")
    pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > _MOST_PICKLE:
        raise _refused(path, "it is no checkpoint of torch.save")


def _read_pickle(path: str, size: int) -> TensorShapes:
    import torch

    if not _is_safe(torch.__version__):
        raise _refused(
            path,
            f"torch {torch.__version__} can be made to run code by a crafted pickle",
            "update to torch 2.10 (CVE-2025-32434, CVE-2026-24747), or save the "
            "weights as safetensors",
        )
    try:
        loaded = torch.load(path, map_location="meta", weights_only=True)
    except Exception as error:
        # Whatever a crafted or damaged file makes torch raise, the file is at fault.
        reason = str(error).strip().split("\n")[0].split(". ")[0]
        raise _refused(path, f"torch refuses it: {shown(reason, 120)}") from None
    tensors = _state(path, loaded)
    for key, tensor in tensors.items():
        if tensor.untyped_storage().nbytes() > size:
            raise _refused(path, f"`{shown(key)}` claims more than the file holds")
    return {key: tuple(tensor.shape) for key, tensor in tensors.items()}


def _is_safe(version: str) -> bool:
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) >= _SAFE_TORCH


def _state(path: str, loaded: Any) -> dict[str, Any]:
    """The state_dict: what was saved, or the one inside of a training checkpoint."""
    found = _as_state(loaded)
    if found is None and isinstance(loaded, dict):
        inside = (_as_state(loaded.get(name)) for name in _INSIDE)
        found = next((state for state in inside if state), None)
    if not found:
        raise _refused(
            path,
            "it holds no state_dict",
            "save it with torch.save(model.state_dict(), path)",
        )
    return found


def _as_state(value: Any) -> dict[str, Any] | None:
    import torch

    if not isinstance(value, dict):
        return None
    state = {key: item for key, item in value.items() if isinstance(key, str)}
    whole = len(state) == len(value) and state
    tensors = all(isinstance(item, torch.Tensor) for item in state.values())
    return state if whole and tensors else None

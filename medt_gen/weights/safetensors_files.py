"""Files of safetensors, and the index of one that is cut into shards: headers alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from medt_gen.files.reading import unreadable
from medt_gen.messages.diagnostics import UnreadableInput
from medt_gen.messages.wording import shown
from medt_gen.paths.keys import TensorShapes
from medt_gen.weights.refusals import refused

_MOST_HEADER = 32 << 20
_MOST_SHARDS = 1_000
# Bytes of an element, by safetensors' names.
_WIDTHS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 8),
}


def read_safetensors(path: str, file: BinaryIO, size: int) -> TensorShapes:
    """Every key with its shape, in the order of the data."""
    length = int.from_bytes(file.read(8), "little")
    if length > min(_MOST_HEADER, size - 8):
        raise refused(path, "its header is longer than the file, or than any real one")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError):
        raise refused(path, "its header is no JSON") from None
    if not isinstance(header, dict):
        raise refused(path, "its header is no mapping")
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
        raise refused(path, f"`{shown(key)}` is no tensor")
    shape, offsets = _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if shape is None or offsets is None or len(offsets) != 2:
        raise refused(path, f"`{shown(key)}` has no shape, or no place")
    begin, end = offsets
    width = _WIDTHS.get(str(entry.get("dtype")))
    if not begin <= end <= data or (width and math.prod(shape) * width != end - begin):
        raise refused(path, f"`{shown(key)}` claims data that the file does not hold")
    return _StoredTensor(begin, key, shape)


def _counts(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list):
        return None
    whole = all(type(item) is int and 0 <= item < 2**63 for item in value)
    return tuple(value) if whole else None


def shards_of(path: str, text: str) -> dict[str, list[str]]:
    """The files that an index names, each with its keys; all lie beside the index."""
    try:
        index = json.loads(text)
    except (ValueError, RecursionError):
        raise refused(path, "it is no JSON, so no index of safetensors") from None
    weights = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(weights, Mapping):
        raise refused(path, "it has no `weight_map`, so it is no index of safetensors")
    shards: dict[str, list[str]] = {}
    for key, name in weights.items():
        if not isinstance(name, str) or Path(name).name != name or name in ("", ".."):
            raise refused(path, f"`{shown(str(name))}` is no file beside the index")
        shards.setdefault(str(Path(path).parent / name), []).append(key)
    if not shards or len(shards) > _MOST_SHARDS:
        raise refused(path, f"it names {len(shards):,} files")
    return shards


def read_shards(path: str, text: str) -> TensorShapes:
    """Every key of a sharded checkpoint with its shape, in the index's order."""
    found: TensorShapes = {}
    for shard, keys in shards_of(path, text).items():
        shapes = _shard(shard)
        for key in keys:
            if key not in shapes:
                raise refused(path, f"`{shown(key)}` is not in {shown(shard)}")
            found[key] = shapes[key]
    return found


def _shard(path: str) -> TensorShapes:
    try:
        size = Path(path).stat().st_size
        with Path(path).open("rb") as file:
            return read_safetensors(path, file, size)
    except OSError as error:
        raise UnreadableInput(unreadable(path, error)) from None

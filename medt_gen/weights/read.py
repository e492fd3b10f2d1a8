"""Checkpoints: the keys of a state_dict with their shapes, or with their values.

A file of safetensors is read by its header, or by the library; a pickle by torch with
`weights_only=True`. Nothing in a file is ever run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.files.reading import unreadable
from medt_gen.messages.diagnostics import UnreadableInput
from medt_gen.paths.keys import TensorShapes, without_wrapper
from medt_gen.weights.pickles import check_archive, read_pickle
from medt_gen.weights.refusals import refused
from medt_gen.weights.safetensors_files import read_safetensors, read_shards, shards_of

if TYPE_CHECKING:
    from torch import Tensor

ENDINGS = (".pt", ".pth", ".bin", ".ckpt", ".safetensors")
INDEX_ENDING = ".safetensors.index.json"
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_MOST_INDEX = 64 << 20


@dataclass(frozen=True)
class StoredWeights:
    """A checkpoint by its keys: what a file holds, without a value.

    Attributes:
        path: the file.
        shapes: every key with its shape, in the order of the file.
        key: the name of the mapping inside of a training checkpoint; "" for the whole.
        others: names of further mappings of tensors in it.
        left_out: keys of the mapping that hold no tensor.
    """

    path: str
    shapes: TensorShapes
    key: str = ""
    others: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def is_checkpoint(path: str) -> bool:
    """Whether a file is a checkpoint, by its first bytes or else its ending."""
    if path.endswith(INDEX_ENDING):
        return True
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
    return without_wrapper(read_weights(path).shapes)


def read_weights(path: str, key: str | None = None) -> StoredWeights:
    """What a checkpoint holds, key by key; `key` names one of several mappings.

    Raises UnreadableInput for what is no checkpoint, is damaged, or could harm.
    """
    if path.endswith(INDEX_ENDING):
        return StoredWeights(path, read_shards(path, _index(path)))
    try:
        size = Path(path).stat().st_size
        with Path(path).open("rb") as file:
            start = file.read(9)
            file.seek(0)
            if _is_safetensors(start):
                return StoredWeights(path, read_safetensors(path, file, size))
            if start.startswith(_ZIP):
                check_archive(path, file, size)
    except OSError as error:
        raise UnreadableInput(unreadable(path, error)) from None
    if not start.startswith((_ZIP, _PICKLE)):
        raise refused(path, "it is neither a safetensors file nor one of torch.save")
    found = read_pickle(path, size, key, "meta")
    shapes = {name: tuple(item.shape) for name, item in found.state.items()}
    way = ".".join(found.way)
    return StoredWeights(path, shapes, way, found.others, found.left_out)


def load_tensors(stored: StoredWeights) -> Mapping[str, Tensor]:
    """The values of a checkpoint that was read, on the processor."""
    path = stored.path
    if path.endswith(INDEX_ENDING):
        values: dict[str, Tensor] = {}
        for shard in shards_of(path, _index(path)):
            values |= _safetensors(shard)
        return {key: values[key] for key in stored.shapes}
    with Path(path).open("rb") as file:
        start = file.read(9)
    if _is_safetensors(start):
        return _safetensors(path)
    size = Path(path).stat().st_size
    return read_pickle(path, size, stored.key or None, "cpu").state


def _is_safetensors(start: bytes) -> bool:
    return len(start) == 9 and start[8:] == b"{" and not start.startswith(_ZIP)


def _index(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(_MOST_INDEX).decode("utf-8", "replace")
    except OSError as error:
        raise UnreadableInput(unreadable(path, error)) from None


def _safetensors(path: str) -> dict[str, Tensor]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        raise refused(
            path,
            "the values of a safetensors file are read by the library `safetensors`",
            "pip install 'medt-gen[weights]'",
        ) from None
    try:
        found: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise refused(path, f"safetensors refuses it: {error}") from None
    return found

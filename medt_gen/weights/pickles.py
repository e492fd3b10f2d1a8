"""Pickled checkpoints, read by torch with `weights_only`: nothing in them is run.

torch before 2.10 is refused (CVE-2025-32434, CVE-2026-24747: a crafted file could run
code). Both the zip archives of today and the bare pickles of torch before 1.6 are read.
"""

from __future__ import annotations

import re
import zipfile
from typing import Any, BinaryIO
from warnings import catch_warnings, simplefilter

from medt_gen.messages.wording import shown
from medt_gen.weights.containers import FoundState, find_state
from medt_gen.weights.refusals import refused, refused_global

_SAFE_TORCH = (2, 10)
_MOST_PICKLE = 64 << 20
_MOST_ENTRIES = 200_000
_UNPICKLER = re.compile(r"WeightsUnpickler error: ([^\n]+)")
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")


def check_archive(path: str, file: BinaryIO, size: int) -> None:
    """Refuse archives that would unpack to more than they are."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise refused(path, "the archive is damaged or cut off") from None
    if len(entries) > _MOST_ENTRIES:
        raise refused(path, f"it has more than {_MOST_ENTRIES:,} entries")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise refused(path, "it is compressed, and torch.save never compresses")
    if sum(entry.file_size for entry in entries) > size:
        raise refused(path, "its entries claim more than the file holds")
    pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > _MOST_PICKLE:
        raise refused(path, "it is no checkpoint of torch.save")


def read_pickle(path: str, size: int, key: str | None, device: str) -> FoundState:
    """The state_dict in a file of torch.save, its tensors on a device.

    On `meta` they have shapes and no values. Raises UnreadableInput.
    """
    import torch

    if not _is_safe(torch.__version__):
        raise refused(
            path,
            f"torch {torch.__version__} can be made to run code by a crafted pickle",
            "update to torch 2.10 (CVE-2025-32434, CVE-2026-24747), or save the "
            "weights as safetensors",
        )
    try:
        with torch.serialization.safe_globals(_numbers_of_numpy()), catch_warnings():
            simplefilter("ignore")
            loaded = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:
        # Whatever a crafted or damaged file makes torch raise, the file is at fault.
        raise _refused_by_torch(path, error) from None
    found = find_state(path, loaded, key)
    for name, tensor in found.state.items():
        if tensor.untyped_storage().nbytes() > size:
            raise refused(path, f"`{shown(name)}` claims more than the file holds")
    return found


def _is_safe(version: str) -> bool:
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) >= _SAFE_TORCH


def _numbers_of_numpy() -> list[Any]:
    """What numpy's scalars are made of: they stand beside the tensors of many a run."""
    import numpy as np

    scalar = np.float64(0).__reduce__()[0]
    kinds = ("Float16", "Float32", "Float64", "Int32", "Int64", "UInt8", "Bool")
    types = [getattr(np.dtypes, f"{kind}DType") for kind in kinds]
    # numpy before 2 had its core under another name.
    names = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
    return [*((scalar, name) for name in names), np.dtype, *types]


def _refused_by_torch(path: str, error: Exception) -> Exception:
    import torch

    text = str(error)
    if "Unsupported global" in text or "not an allowed global" in text:
        try:
            names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
        except Exception:
            # It reads archives alone; the error names the first global of any file.
            names = _GLOBAL.findall(text)
        safe = ("numpy.dtype", "numpy._core.multiarray.scalar")
        names = [n for n in dict.fromkeys(names) if n not in safe]
        if names:
            return refused_global(path, names)
    own = _UNPICKLER.search(text)
    if own is None and not zipfile.is_zipfile(path):
        return refused(path, "it is a pickle that torch.save did not write, or damaged")
    reason = own[1] if own else text.strip().split("\n")[0]
    return refused(path, f"torch refuses it: {shown(reason.split('. ')[0], 120)}")

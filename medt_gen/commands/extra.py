"""The libraries that only some commands need, looked for before anything is read."""

from __future__ import annotations

import re
from importlib import metadata
from importlib.util import find_spec

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import either

_LIBRARIES = {
    "monai": "MONAI",
    "lightning": "Lightning",
    "scipy": "SciPy",
    "PIL": "Pillow",
    "tifffile": "tifffile",
    "nibabel": "NiBabel",
    "matplotlib": "Matplotlib",
    "safetensors": "safetensors",
}
_TORCH = (2, 8)


def need_training_libraries(*, tensorboard: bool = False) -> None:
    """Raise UnreadableInput where the extra is not installed, or torch is too old."""
    found = re.match(r"(\d+)\.(\d+)", metadata.version("torch"))
    if found and (int(found[1]), int(found[2])) < _TORCH:
        version = metadata.version("torch")
        text = f"MONAI needs torch 2.8 or newer, and this is torch {version}"
        raise UnreadableInput(Diagnostic("missing-extra", text, help="update torch"))
    missing = [name for module, name in _LIBRARIES.items() if find_spec(module) is None]
    if not missing and tensorboard and find_spec("tensorboard") is None:
        help = "pip install 'medt-gen[tensorboard]'"
        text = "--tensorboard needs TensorBoard"
        raise UnreadableInput(Diagnostic("missing-extra", text, help=help))
    if missing:
        text = f"this needs {either(missing, 'and')}"
        help = "pip install 'medt-gen[train]'"
        raise UnreadableInput(Diagnostic("missing-extra", text, help=help))

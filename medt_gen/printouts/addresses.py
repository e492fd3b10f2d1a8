"""What is in a printout and no architecture: object addresses, and devices."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,16}\b")
_KINDS = r"(?:cuda|cpu|mps|xpu|hpu|npu|xla|meta|privateuseone)"
_DEVICE = re.compile(
    rf"(?:, ?)?\bdevice=(?:device\([^()]*\)|'[^']*'|\"[^\"]*\"|{_KINDS}(?::\d+)?)"
    rf"| \((?:GPU \d+|{_KINDS}(?::\d+)?)\)"
    rf"|(?<=torch)\.cuda(?=\.\w+Tensor)"
    rf"|(?:, |^){_KINDS}:\d+(?=,|$)"
)


def masked(text: str) -> str:
    """The text with every address made the same."""
    return _ADDRESS.sub("0x...", text)


def without_devices(text: str) -> str:
    """The text without the devices that tensors lie on: `(GPU 1)`, `device=cuda:0`."""
    if "cuda" not in text and "evice" not in text and "GPU" not in text:
        return text
    return _DEVICE.sub("", text).removeprefix(", ")

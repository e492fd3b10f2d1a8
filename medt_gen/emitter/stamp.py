"""The end of an emitted file: the spec it came from, and the hash of its text.

The hash tells a file that a person has edited from one that can be written again; the
spec can be read back without running anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from typing import Any

_EXPLAINED = (
    "# For programs: the spec of this file (JSON, zlib, base 85), which",
    "# `medt-gen diff` reads, and a hash of the text above it, to know later edits by.",
)
_SPEC = "# spec: "
_PLUGINS = "# plugins: "
_NEEDS = "# needs: "
_HASH = "# sha256: "
_MOST_BYTES = 1 << 20


def spec_text(document: dict[str, Any]) -> str:
    """The canonical text of a composed spec."""
    return json.dumps(document, separators=(",", ":"))


def spec_hash(document: dict[str, Any]) -> str:
    """A short name for a composed spec: the start of the SHA-256 of its text."""
    return hashlib.sha256(spec_text(document).encode()).hexdigest()[:16]


def stamped(
    source: str, document: dict[str, Any], plugins: Sequence[str] = (), needs: str = ""
) -> str:
    """`source` with the spec and the hash behind it.

    `plugins` are those of the spec, `needs` the packages that it needs beside torch.
    """
    packed = zlib.compress(spec_text(document).encode(), 9)
    encoded = base64.b85encode(packed).decode()
    # One long line: nobody reads it, and twenty short ones would be in the way.
    parts = [source.rstrip("\n"), "", "", *_EXPLAINED, _SPEC + encoded]
    parts += [_PLUGINS + " ".join(plugins)] if plugins else []
    parts += [_NEEDS + needs] if needs else []
    body = "\n".join(parts) + "\n"
    return f"{body}{_HASH}{_digest(body)}\n"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def is_ours(text: str) -> bool:
    """Whether the file is one that `emit` wrote."""
    return re.search(rf"^{_HASH}[0-9a-f]+$", text, re.MULTILINE) is not None


def is_untouched(text: str) -> bool:
    """Whether nothing has changed since `emit` wrote the file."""
    body, _, last = text.rstrip("\n").rpartition("\n")
    return last == _HASH + _digest(body + "\n")


def embedded_plugins(text: str) -> list[str]:
    """The plugins that the spec in an emitted file was loaded with."""
    return _last(_PLUGINS, text).split()


def embedded_needs(text: str) -> str:
    """The packages that an emitted file needs beside torch; empty for none."""
    return _last(_NEEDS, text)


def _last(sign: str, text: str) -> str:
    """What the last line that begins with a sign says behind it."""
    lines: list[str] = re.findall(rf"^{sign}(.+)$", text, re.MULTILINE)
    return lines[-1] if lines else ""


def embedded_spec(text: str) -> dict[str, Any]:
    """The composed spec in an emitted file; raises ValueError where there is none."""
    lines = re.findall(rf"^{_SPEC}(\S+)$", text, re.MULTILINE)
    try:
        data = base64.b85decode("".join(lines))
        unpacked = zlib.decompressobj().decompress(data, _MOST_BYTES)
        document = json.loads(unpacked)
    except (ValueError, zlib.error) as error:
        raise ValueError("the file holds no spec that can be read") from error
    if not isinstance(document, dict):
        raise ValueError("the file holds no spec that can be read")
    return document

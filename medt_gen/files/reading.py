"""Reading text: bounded, decoded strictly, and refused with a reason."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    Source,
    UnreadableInput,
)
from medt_gen.messages.diagnostics import Place as _Place
from medt_gen.messages.wording import shown

MAX_SPEC_BYTES = 1 << 20
_READ_AT_ONCE = 1 << 16


def read_source(path: str, most: int = MAX_SPEC_BYTES, what: str = "spec") -> Source:
    """The text of a file; `-` is standard input.

    Raises UnreadableInput when it can't be read or is too large, and InvalidInput when
    it is not UTF-8 text.
    """
    name = "<stdin>" if path == "-" else path
    try:
        data = _read_stdin(most) if path == "-" else _read_file(path, most)
    except OSError as error:
        raise UnreadableInput(unreadable(name, error)) from None
    except ValueError:
        raise UnreadableInput(
            Diagnostic("unreadable", f"{shown(name)} is not a file name")
        ) from None
    if len(data) > most:
        raise UnreadableInput(
            Diagnostic(
                "too-large",
                f"{shown(name)} holds more than {most:,} bytes, too many for a {what}",
            )
        )
    return Source(name, _decoded(name, data))


def _read_stdin(most: int) -> bytes:
    return sys.stdin.buffer.read(most + 1)


def _read_file(path: str, most: int) -> bytes:
    # Opened without blocking, so that a FIFO without a writer does not hang. One that
    # someone writes to (`<(...)`) is read like any file.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if stat.S_ISFIFO(mode):
            return _read_pipe(descriptor, most)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        return _read_all(descriptor, most)
    finally:
        os.close(descriptor)


# Seconds without a byte: for a pipe that nobody has opened, and for a slow writer.
_PATIENCE_WITHOUT_WRITER = 2.0
_PATIENCE_WITH_WRITER = 30.0


def _read_pipe(descriptor: int, most: int) -> bytes:
    """All that is written to a FIFO, unless its writer stays silent for too long."""
    import select

    parts: list[bytes] = []
    size = 0
    patience = _PATIENCE_WITHOUT_WRITER
    while size <= most:
        ready, _, _ = select.select([descriptor], [], [], patience)
        part = _part(descriptor)
        if not ready and not part:
            if part is None and patience < _PATIENCE_WITH_WRITER:
                patience = _PATIENCE_WITH_WRITER
                continue
            raise OSError(errno.EAGAIN, "nothing is written to this pipe")
        if part == b"":
            break
        parts.append(part or b"")
        size += len(part or b"")
        patience = _PATIENCE_WITH_WRITER
    return b"".join(parts)


def _part(descriptor: int) -> bytes | None:
    """The next bytes; none at the end, None while a writer has written nothing."""
    try:
        return os.read(descriptor, _READ_AT_ONCE)
    except BlockingIOError:
        return None


def _read_all(descriptor: int, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= most and (part := os.read(descriptor, _READ_AT_ONCE)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def unreadable(name: str, error: OSError) -> Diagnostic:
    """Why a file could not be opened or read."""
    reason = error.strerror or str(error)
    help = None
    if isinstance(error, FileNotFoundError):
        reason = "there is no such file"
    if isinstance(error, IsADirectoryError):
        reason = "it is a directory"
        help = "name a file in it"
    return Diagnostic("unreadable", f"can't read {shown(name)}: {reason}", help=help)


def _decoded(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_text(name, data, 0, "the text is UTF-16", "save it as UTF-8")
    if b"\x00" in data:
        text = "there is a NUL byte here, so this is no text"
        raise _not_text(name, data, data.index(b"\x00"), text, "remove it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = "the text is not UTF-8"
        raise _not_text(name, data, error.start, text, "save it as UTF-8") from None


def _not_text(
    name: str, data: bytes, offset: int, message: str, help: str
) -> InvalidInput:
    """What is wrong at a byte, with the line as far as it can be read."""
    start = data.rfind(b"\n", 0, offset) + 1
    end = data.find(b"\n", offset)
    line = data.count(b"\n", 0, offset) + 1
    column = len(data[start:offset].decode("utf-8", "replace")) + 1
    shown_line = data[start : len(data) if end < 0 else end].decode("utf-8", "replace")
    # The lines before it are not shown, and so need not be there.
    source = Source(name, "\n" * (line - 1) + shown_line)
    place = _Place(source, line, column, line, column + 1)
    return InvalidInput(Diagnostic("not-text", message, place, help))


def project_root(folder: Path) -> Path:
    """The nearest folder up with a `pyproject.toml` or `.git`, else `folder` itself."""
    for parent in (folder, *folder.parents):
        if (parent / "pyproject.toml").exists() or (parent / ".git").exists():
            return parent
    return folder

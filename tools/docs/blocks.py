"""A page as its fenced blocks: files to write, and commands with their output.

    ```console
    $ medt-gen validate mynet.yaml    # exit code 1
    what it prints, whole; a line of `...` stands for lines that are cut
    ```

A block of another language whose first line is a comment with a file's name, such as
`# mynet.yaml`, is that file. What can't be run says why in the line above its block:
`<!-- not run: REASON -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CUT = "..."
_FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>.+?) -->\n)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FILE = re.compile(r"# (?P<name>[\w.-]+(?:/[\w.-]+)*\.(?:yaml|yml|py|txt|toml))\n")
_COMMAND = re.compile(r"\$ (?P<line>.*?)(?:\s+# exit code (?P<code>\d+))?")


@dataclass(frozen=True)
class Block:
    """A fenced block; `start` is where its text begins in the page."""

    language: str
    text: str
    start: int
    not_run: str | None = None

    @property
    def file(self) -> str | None:
        """The name of the file that it is, if it is one."""
        found = None if self.language == "console" else _FILE.match(self.text)
        return found["name"] if found else None


@dataclass(frozen=True)
class Command:
    """A line of a console with what it prints; `start` and `end` are of that output."""

    line: str
    code: int
    output: str
    start: int
    end: int


def blocks_of(page: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for found in _FENCE.finditer(page):
        yield Block(
            found["language"], found["text"], found.start("text"), found["reason"]
        )


def commands_of(block: Block) -> Iterator[Command]:
    """The commands of a console block, each with its output."""
    position = block.start
    line, code, start = "", 0, block.start
    for text in block.text.splitlines(keepends=True):
        command = _COMMAND.fullmatch(text.rstrip("\n"))
        if command is not None:
            if line:
                yield _command(block, line, code, start, position)
            line, code = command["line"], int(command["code"] or 0)
            start = position + len(text)
        position += len(text)
    if line:
        yield _command(block, line, code, start, position)


def _command(block: Block, line: str, code: int, start: int, end: int) -> Command:
    text = block.text[start - block.start : end - block.start]
    return Command(line, code, text, start, end)

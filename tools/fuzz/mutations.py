"""Small damage to a text: what people mistype, and what attackers try."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

_TOKEN = re.compile(r"\w+|\n[ ]*|[ ]+|[^\w\s]")

# Words of the language, and values at the edges of what it takes.
WORDS = (
    "type modules forward params blocks extends input size channels when unused after "
    "construct_first patches of grid as class title training gates frozen_epochs block "
    "depth planes stride heads axis height width statistics batch patch x out relu() "
    "add(x) concat(x) mean() flatten() upsample(2) resize(x) softmax() avg_pool(2) "
    "Sequential Stage Conv2d Conv3d BatchNorm2d GroupNorm Linear AxialAttention "
    "AxialAttention_dynamic AxialAttention_wopos AxialBlock AxialBlock_wopos medt "
    "Identity ReLU MaxPool2d AdaptiveAvgPool2d ConvTranspose2d PixelShuffle Dropout "
    "$in_channels $planes $x $ ~ null true false yes 0 1 2 -1 3.5 1e-5 1e400 .nan .inf "
    "9223372036854775807 9223372036854775808 1000000000 010 0x1F 1:30 2021-01-01"
).split()
HOSTILE = (
    "!!python/object/apply:os.system ['true']",
    "&a",
    "*a",
    "<<: *a",
    "\n---\n",
    "\t",
    "\u202e",
    "\uff1a",
    "\uff0c",
    "\u201c",
    "\u00a0",
    "\u3000",
    "nn.Conv2d(3, 16, kernel_size=3)",
    "torch.cat([x, x], 1)",
    "a + b",
    "\u0430",
    "\ud800",
    "\x1b[31m",
    "\x00",
    "[/bold]",
    '"""',
    "'''",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "\\",
    "#",
    " | ",
    "|\n  ",
    ">\n  ",
    "../../../etc/passwd",
    "/dev/zero.yaml",
    "__class__",
    "forward",
    "self",
    "[" * 120,
    "{a: " * 120,
    "(" * 60,
    "9" * 5000,
    "a" * 5000,
    "2 ** 9",
    "1 // 0",
    "not " * 50,
    "- " * 50,
    "import os",
    "(0-999999999): 1000000000 x ",
    "(0-3): 4 x Block(",
    "Linear(in_features=1",
)

Mutation = Callable[[list[str], Random, Sequence[str]], None]


def mutated(text: str, random: Random, others: Sequence[str], most: int = 4) -> str:
    """`text` with one to `most` mutations; `others` are texts to take pieces from."""
    tokens = _TOKEN.findall(text)
    for _ in range(random.randint(1, most)):
        random.choice(_MUTATIONS)(tokens, random, others)
    return "".join(tokens)


def _position(tokens: list[str], random: Random) -> int:
    return random.randint(0, max(len(tokens) - 1, 0))


def _delete(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    start = _position(tokens, random)
    del tokens[start : start + random.choice((1, 1, 1, 2, 5, 20))]


def _duplicate(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    start = _position(tokens, random)
    piece = tokens[start : start + random.choice((1, 2, 5, 20))]
    tokens[start:start] = piece * random.choice((1, 1, 2, 30))


def _swap(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    if len(tokens) > 1:
        a, b = _position(tokens, random), _position(tokens, random)
        tokens[a], tokens[b] = tokens[b], tokens[a]


def _word(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    start = _position(tokens, random)
    tokens[start : start + 1] = [random.choice(WORDS)]


def _own_word(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    if tokens:
        tokens[_position(tokens, random)] = random.choice(tokens)


def _insert(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    pieces = HOSTILE if random.random() < 0.5 else WORDS
    tokens.insert(_position(tokens, random), random.choice(pieces))


def _letter(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    if not tokens:
        return
    index = _position(tokens, random)
    token = tokens[index]
    at = random.randint(0, len(token))
    letter = chr(random.choice((random.randint(0, 0x7F), random.randint(0, 0xFFFF))))
    tokens[index] = token[:at] + letter + token[at + random.randint(0, 1) :]


def _splice(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    lines = random.choice(others).splitlines(keepends=True)
    start = random.randint(0, max(len(lines) - 1, 0))
    piece = lines[start : start + random.choice((1, 1, 3, 10))]
    tokens.insert(_position(tokens, random), "".join(piece))


def _number(tokens: list[str], random: Random, others: Sequence[str]) -> None:
    places = [index for index, token in enumerate(tokens) if token.isdecimal()]
    if places:
        numbers = ("0", "1", "2", "3", "7", "16", "-4", "1000000", "2147483647", "2.0")
        tokens[random.choice(places)] = random.choice(numbers)


_MUTATIONS: tuple[Mutation, ...] = (
    _delete,
    _duplicate,
    _swap,
    _word,
    _own_word,
    _insert,
    _letter,
    _splice,
    _number,
    _number,
)

"""Keys and shapes in a text: a failed `load_state_dict`, or a list of keys.

The error of `load_state_dict` says what either side lacks and which shapes differ, and
nothing of what matches; the wordings are those of torch 0.3, of 0.4 to 1.0, and since.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from medt_gen.paths.keys import PartialShapes, Shape


@dataclass(frozen=True)
class LoadError:
    """What the text of a failed load_state_dict says.

    Attributes:
        model: the class of the model; "" where the text has lost it.
        missing: keys that the model has and the checkpoint lacks.
        unexpected: keys that the checkpoint has and the model lacks.
        mismatched: keys of both, with the checkpoint's shape and the model's.
    """

    model: str = ""
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    mismatched: dict[str, tuple[Shape, Shape]] = field(default_factory=dict)


_MODEL = re.compile(r"Error\(s\) in loading state_dict for ([\w.]+)")
_MISSING = re.compile(
    r"Missing key\(s\) in state_dict:|missing keys in source state_dict:"
)
_UNEXPECTED = re.compile(
    r"Unexpected key\(s\) in state_dict:"
    r"|unexpected key[^\n]*? in (?:source )?state_dict:",
    re.IGNORECASE,
)
_OLD_UNEXPECTED = re.compile(r"unexpected key \"([^\"\s]+)\" in state_dict")
_OLD_MISSING = re.compile(
    r"missing keys in state_dict: [\"'{]*(.*?)[}\"']*\s*$", re.MULTILINE
)
_SECTION = re.compile(
    r"Missing key\(s\)|Unexpected key\(s\)|size mismatch for|missing keys in"
    r"|unexpected key",
    re.IGNORECASE,
)
_SIZE = r"(?:torch\.Size\()?[\[(]([\d,\s]*)[\])]\)?"
_MISMATCHES = (
    re.compile(
        rf"size mismatch for ([\w.]+):\s+copying\s+a\s+param\s+"
        rf"(?:with\s+shape\s+|of\s+){_SIZE}\s+from\s+checkpoint,\s+(?:the\s+shape\s+in\s+current\s+model\s+is\s+"
        rf"|where\s+the\s+shape\s+is\s+){_SIZE}"
    ),
    re.compile(
        rf"[Ww]hile copying the parameter named ['\"]?([\w.]+)['\"]?,?\s+"
        rf"whose dimensions\s+in\s+the\s+model\s+are\s+{_SIZE}\s+and\s+whose"
        rf"\s+dimensions\s+in\s+the\s+checkpoint\s+are\s+{_SIZE}"
    ),
)
_KEY = re.compile(r"[A-Za-z_][\w\-]*(?:\.[\w\-]+)*")
_QUOTED = re.compile(r"[\"'\u201c]([^\"'\u201d\s,]+)[\"'\u201d]")
_ITEM = re.compile(
    r"[\s>|*\-\d.()\u2502]*?['\"]?(?P<key>[A-Za-z_][\w\-]*(?:\.[\w\-]+)*)['\"]?"
    r"(?P<between>[\s:,|=>\-\u2502(\t]*(?:(?:torch\.)?\w*(?:float|int|half|bool|Float|Int|"
    rf"bfloat|double)\w*(?:Tensor)?[\s:,|=>(\-\u2502]*)?)(?:size|shape)?[\s:=]*{_SIZE}"
)
_BARE = re.compile(
    r"[\s>|*\-,\[]*['\"]?([A-Za-z_][\w\-]*(?:\.[\w\-]+)+)['\"]?[\s,\])]*"
)
_LONGEST_LINE = 1_000
"""Characters of a line that may be one key with its shape."""

_LISTED = re.compile(r"(?:odict_keys|dict_keys)\(\[(.*?)\]\)", re.DOTALL)


def read_load_error(text: str) -> LoadError | None:
    """What a pasted error says; None where the text holds none."""
    model = _MODEL.search(text)
    missing = tuple(_section(text, _MISSING)) or tuple(_old_missing(text))
    unexpected = tuple(_section(text, _UNEXPECTED)) or tuple(
        _OLD_UNEXPECTED.findall(text)
    )
    mismatched = dict(_mismatched(text))
    if not (missing or unexpected or mismatched):
        return None
    return LoadError(
        model[1].rpartition(".")[2] if model else "",
        tuple(dict.fromkeys(missing)),
        tuple(dict.fromkeys(unexpected)),
        mismatched,
    )


def _section(text: str, heading: re.Pattern[str]) -> Iterator[str]:
    """The keys behind a heading, up to the next one."""
    for match in heading.finditer(text):
        following = _SECTION.search(text, match.end())
        part = text[match.end() : following.start() if following else len(text)]
        quoted = _QUOTED.findall(part)
        yield from quoted or _unquoted(part)


def _unquoted(part: str) -> Iterator[str]:
    """Keys that stand without quotation marks, up to the first line of other words."""
    for item in re.split(r"[,\s{}\[\]]+", part.strip()):
        key = item.rstrip(".")
        if key and not (_KEY.fullmatch(key) and ("." in key or "_" in key)):
            return
        if key:
            yield key


def _old_missing(text: str) -> Iterator[str]:
    for match in _OLD_MISSING.finditer(text):
        yield from re.findall(r"[\w.]+", match[1])


def _mismatched(text: str) -> Iterator[tuple[str, tuple[Shape, Shape]]]:
    usual, oldest = _MISMATCHES
    for match in usual.finditer(text):
        yield match[1], (_shape(match[2]), _shape(match[3]))
    for match in oldest.finditer(text):
        yield match[1], (_shape(match[3]), _shape(match[2]))


def _shape(text: str) -> Shape:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def read_key_list(text: str) -> PartialShapes | None:
    """Keys with their shapes, one a line or in a mapping; None for any other text."""
    found = _of_json(text) or _of_listing(text) or _of_lines(text)
    return found or None


def _of_json(text: str) -> PartialShapes | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list) and all(isinstance(key, str) for key in document):
        return dict.fromkeys(document)
    if not isinstance(document, dict):
        return None
    shapes: dict[str, Shape | None] = {}
    for key, value in document.items():
        numbers = isinstance(value, list) and all(type(item) is int for item in value)
        if not numbers and value is not None:
            return None
        shapes[key] = None if value is None else tuple(value)
    return shapes


def _of_listing(text: str) -> PartialShapes | None:
    match = _LISTED.search(text)
    return dict.fromkeys(_QUOTED.findall(match[1])) if match else None


def _of_lines(text: str) -> PartialShapes | None:
    """Lines of a key and a shape; else lines that are a dotted key and nothing else."""
    shaped: dict[str, Shape | None] = {}
    bare: dict[str, Shape | None] = {}
    others = 0
    for line in text.splitlines():
        if len(line) > _LONGEST_LINE:
            others += 1
        elif match := _ITEM.match(line):
            shaped[match["key"]] = _shape(line[match.start(3) : match.end(3)])
        elif match := _BARE.fullmatch(line):
            bare[match[1]] = None
        elif line.strip():
            others += 1
    if shaped and len(shaped) >= others:
        return {**shaped, **bare}
    return bare if len(bare) > max(others, 1) else None

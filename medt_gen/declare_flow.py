"""Nodes -> the steps of a `forward:`: pipes and patch steps, judged by their form."""

from __future__ import annotations

from itertools import takewhile

from medt_gen.declarations import PatchStep, Step
from medt_gen.diagnostics import Place
from medt_gen.document import Mapping, Node, Scalar, kind_of
from medt_gen.flow import FlowError, Pipe, parse_pipe
from medt_gen.names import shown
from medt_gen.problems import Problems
from medt_gen.reading import (
    broken_keys,
    check_identifier,
    check_keys,
    check_name,
    read_mapping,
    read_text,
    start_of,
)


def read_steps(node: Node, problems: Problems) -> dict[str, Step]:
    """The named values of a `forward:` in written order; wrong ones are left out."""
    mapping = read_mapping(node, "`forward:`", problems)
    if mapping is None:
        return {}
    found = {}
    pieces = _report_cut_pipes(mapping, problems)
    for name, value in mapping.items.items():
        key = mapping.keys[name]
        if name in pieces:
            continue
        if not check_name(key, "a value", problems):
            continue
        body = _body(value, problems)
        if body is not None:
            found[name] = Step(key, body)
    return found


def _report_cut_pipes(mapping: Mapping, problems: Problems) -> set[str]:
    """The keys that are pieces of pipes: in `{...}`, a comma ends a value.

    `{out: x | add(a, b)}` is `out: x | add(a` and a key `b)` that has no value.
    """
    pieces: set[str] = set()
    for name, node in mapping.items.items():
        comma = _comma_in_call(node)
        rest = _keys_without_value(mapping, comma) if comma else []
        if not rest:
            continue
        problems.error(
            "pipe-syntax",
            "this comma ends the pipe, since it stands between `{` and `}`",
            comma,
            "put the pipe in quotes, or on a line of its own without `{` and `}`",
        )
        pieces |= {name, *rest}
    return pieces


def _comma_in_call(node: Node) -> Place | None:
    """The comma right after an unquoted pipe in which a `(` is still open."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    raw, end = node.raw or "", node.place
    if raw[:1] in {"'", '"', ""} or raw.count("(") <= raw.count(")"):
        return None
    rest = end.source.text.split("\n")[end.end_line - 1][end.end_column - 1 :]
    if not rest.lstrip().startswith(","):
        return None
    column = end.end_column + len(rest) - len(rest.lstrip())
    return Place(end.source, end.end_line, column, end.end_line, column + 1)


def _keys_without_value(mapping: Mapping, comma: Place) -> list[str]:
    """The keys right after a comma of their source, up to one that has a value."""
    start = (comma.line, comma.column)
    following = sorted(
        (at, name)
        for name, key in mapping.keys.items()
        if key.place.source is comma.source
        and (at := (key.place.line, key.place.column)) > start
    )
    names = (name for _, name in following)
    return list(takewhile(lambda n: kind_of(mapping.items[n]) == "nothing", names))


def _body(node: Node, problems: Problems) -> Pipe | PatchStep | None:
    if isinstance(node, Mapping):
        return _patch_step(node, problems)
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        problems.error(
            "wrong-form",
            f"a pipe is a line such as `x | conv1 | bn1`, not {kind_of(node)}",
            node.place,
        )
        return None
    try:
        return parse_pipe(node)
    except FlowError as error:
        problems.error("pipe-syntax", shown(str(error)), error.place, error.help)
        return None


def _patch_step(node: Mapping, problems: Problems) -> PatchStep | None:
    check_keys(node, ("patches", "forward"), "a patch step", problems)
    patches, forward = node.items.get("patches"), node.items.get("forward")
    if patches is None or forward is None:
        missing = "patches" if patches is None else "forward"
        problems.error("missing-key", f"a patch step needs `{missing}:`", node.place)
        return None
    mapping = read_mapping(patches, "`patches:`", problems)
    if mapping is None:
        return None
    keys = ("of", "grid", "as", "statistics")
    check_keys(mapping, keys, "`patches:`", problems)
    for name in keys[:3]:
        if name not in mapping.items:
            problems.error(
                "missing-key",
                f"`patches:` needs `{name}:`",
                mapping.place,
                "write `patches: {of: x, grid: [4, 4], as: patch}`",
            )
            return None
    return _patches(mapping, forward, problems)


def _patches(mapping: Mapping, forward: Node, problems: Problems) -> PatchStep | None:
    of, name = mapping.items["of"], mapping.items["as"]
    alias = read_text(name, "`as:`", problems)
    source = read_text(of, "`of:`", problems)
    if alias is None or source is None or not isinstance(of, Scalar):
        return None
    if not check_identifier(alias, name.place, "a value", problems):
        return None
    steps = read_steps(forward, problems)
    return PatchStep(
        of,
        mapping.items["grid"],
        alias,
        _batch_statistics(mapping.items.get("statistics"), problems),
        steps,
        start_of(mapping),
        broken_keys(forward, steps),
    )


def _batch_statistics(node: Node | None, problems: Problems) -> bool:
    if node is None:
        return False
    if isinstance(node, Scalar) and node.value in ("batch", "patch"):
        return node.value == "batch"
    problems.error(
        "wrong-value",
        "`statistics:` is `patch` (each patch by itself) or `batch` (all together)",
        node.place,
    )
    return False

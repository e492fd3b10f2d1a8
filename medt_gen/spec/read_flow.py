"""Nodes -> the steps of a `forward:`: pipes and patch steps, judged by their form."""

from __future__ import annotations

from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.declarations import PatchStep, Step
from medt_gen.spec.expect import (
    broken_keys,
    check_identifier,
    check_keys,
    check_name,
    expect_mapping,
    expect_text,
    start_of,
)
from medt_gen.spec.nodes import MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.pipes import FlowError, Pipe, parse_pipe


def read_steps(node: Node, problems: Problems) -> dict[str, Step]:
    """The named values of a `forward:` in written order; wrong ones are left out."""
    mapping = expect_mapping(node, "`forward:`", problems)
    if mapping is None:
        return {}
    found = {}
    for name, value in mapping.items.items():
        key = mapping.keys[name]
        if not check_name(key, "a value", problems):
            continue
        body = _body(value, problems)
        if body is not None:
            found[name] = Step(key, body)
    return found


def _body(node: Node, problems: Problems) -> Pipe | PatchStep | None:
    if isinstance(node, MappingNode):
        return _patch_step(node, problems)
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
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


def _patch_step(node: MappingNode, problems: Problems) -> PatchStep | None:
    check_keys(node, ("patches", "forward"), "a patch step", problems)
    patches, forward = node.items.get("patches"), node.items.get("forward")
    if patches is None or forward is None:
        missing = "patches" if patches is None else "forward"
        problems.error("missing-key", f"a patch step needs `{missing}:`", node.place)
        return None
    mapping = expect_mapping(patches, "`patches:`", problems)
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


def _patches(
    mapping: MappingNode, forward: Node, problems: Problems
) -> PatchStep | None:
    of, name = mapping.items["of"], mapping.items["as"]
    alias = expect_text(name, "`as:`", problems)
    source = expect_text(of, "`of:`", problems)
    if alias is None or source is None or not isinstance(of, ScalarNode):
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
    if isinstance(node, ScalarNode) and node.value in ("batch", "patch"):
        return node.value == "batch"
    problems.error(
        "wrong-value",
        "`statistics:` is `patch` (each patch by itself) or `batch` (all together)",
        node.place,
    )
    return False

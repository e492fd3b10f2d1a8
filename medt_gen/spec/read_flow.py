"""Nodes -> the steps of a `forward:`: pipes and patch steps, judged by their form."""

from __future__ import annotations

from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.declarations import PatchStep, Step
from medt_gen.spec.expect import (
    broken_keys,
    check_identifier,
    check_name,
    expect_mapping,
    start_of,
)
from medt_gen.spec.fragments import NAME, TEXT
from medt_gen.spec.keys import (
    KeyContext,
    KeyEntry,
    KeyTable,
    KeyValues,
    Needed,
    as_written,
    read_part,
    read_text,
    table_schema,
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
    keys = read_part(node, PATCH_STEP_KEYS, problems)
    cut = None if keys is None else keys[PATCHES]
    if keys is None or cut is None:
        return None
    of, grid, name = cut[OF], cut[GRID], cut[AS]
    if of is None or grid is None or name is None:
        return None
    steps = keys[PATCH_FORWARD]
    return PatchStep(
        of,
        grid,
        name,
        batch_statistics=cut[STATISTICS] == "batch",
        forward=steps,
        place=start_of(node.items[PATCHES.name]),
        broken=broken_keys(node.items[PATCH_FORWARD.name], steps),
        keys=cut,
    )


def _read_of(node: Node, context: KeyContext) -> ScalarNode | None:
    text = read_text(node, context)
    return node if isinstance(node, ScalarNode) and text is not None else None


def _read_as(node: Node, context: KeyContext) -> str | None:
    text = read_text(node, context)
    if text is None:
        return None
    known = check_identifier(text, node.place, "a value", context.problems)
    return text if known else None


def _read_statistics(node: Node, context: KeyContext) -> str:
    if isinstance(node, ScalarNode) and node.value in STATISTICS.schema["enum"]:
        return str(node.value)
    context.problems.error(
        "wrong-value",
        "`statistics:` is `patch` (each patch by itself) or `batch` (all together)",
        node.place,
    )
    return STATISTICS.absent


def _read_patches(node: Node, context: KeyContext) -> KeyValues | None:
    return read_part(node, PATCHES_KEYS, context.problems)


def read_forward(node: Node, context: KeyContext) -> dict[str, Step]:
    """The reader of `forward:`, of a class or of a patch step."""
    return read_steps(node, context.problems)


def _needed(name: str) -> Needed:
    fix = "write `patches: {of: x, grid: [4, 4], as: patch}`"
    return Needed(f"`patches:` needs `{name}:`", fix)


OF: KeyEntry[ScalarNode | None] = KeyEntry(
    name="of",
    says="The value that is cut into patches.",
    example="of: x",
    schema=TEXT,
    read=_read_of,
    absent=None,
    needed=_needed("of"),
)
GRID: KeyEntry[Node | None] = KeyEntry(
    name="grid",
    says="How many patches there are along each axis.",
    example="grid: [4, 4]",
    schema={"type": "array", "minItems": 2, "maxItems": 3},
    read=as_written,
    absent=None,
    needed=_needed("grid"),
)
AS: KeyEntry[str | None] = KeyEntry(
    name="as",
    says="What a patch is called inside.",
    example="as: patch",
    schema={**TEXT, **NAME},
    read=_read_as,
    absent=None,
    needed=_needed("as"),
)
STATISTICS: KeyEntry[str] = KeyEntry(
    name="statistics",
    says="What is normalised together in training: each `patch` by itself (as without "
    "this key), or all patches of a `batch`.",
    example="statistics: batch",
    schema={"enum": ["patch", "batch"]},
    read=_read_statistics,
    absent="patch",
)
PATCHES_KEYS = KeyTable("`patches:`", (OF, GRID, AS, STATISTICS))

PATCHES: KeyEntry[KeyValues | None] = KeyEntry(
    name="patches",
    says="What is cut into patches, into how many, and what a patch is called.",
    example="patches: {of: x, grid: [4, 4], as: patch}",
    schema=table_schema(PATCHES_KEYS),
    read=_read_patches,
    absent=None,
    needed=Needed("a patch step needs `patches:`"),
)
PATCH_FORWARD: KeyEntry[dict[str, Step]] = KeyEntry(
    name="forward",
    says="The flow that runs on every patch; its `out` is laid back row by row.",
    example="forward: {out: patch | relu()}",
    schema={"$ref": "#/$defs/forward"},
    read=read_forward,
    absent={},
    needed=Needed("a patch step needs `forward:`"),
)
PATCH_STEP_KEYS = KeyTable("a patch step", (PATCHES, PATCH_FORWARD))

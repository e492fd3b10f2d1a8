"""Nodes -> the steps of a `forward:`: pipes and patch steps, judged by their form."""

from __future__ import annotations

from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import shown
from medt_gen.spec.declarations import Outputs, PatchStep, Step, Steps
from medt_gen.spec.expect import (
    check_identifier,
    check_name,
    expect_mapping,
    start_of,
)
from medt_gen.spec.fragments import AXIS, NAME, TEXT, or_expression
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
    whole_schema,
)
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.pipes import FlowError, Pipe, parse_pipe
from medt_gen.spec.read_outputs import OUT, lists_outputs, read_outputs


def read_steps(node: Node, context: KeyContext, *, of_network: bool = False) -> Steps:
    """The named values of a `forward:` in written order.

    At the top of a network's, `out` may list several.
    """
    problems = context.problems
    pipe = node.value if isinstance(node, ScalarNode) else None
    fix = "write `forward: {out: x | ...}`"
    if isinstance(pipe, str):
        fix = f"name the result: `forward: {{out: {shown(pipe)}}}`"
    mapping = expect_mapping(node, "`forward:`", problems, fix)
    if mapping is FAULTY:
        # Nothing could be read, so the result can't be missed either.
        return {OUT: FAULTY}
    return {
        name: _step(mapping.keys[name], value, context, of_network=of_network)
        for name, value in mapping.items.items()
    }


def _step(
    key: Key, node: Node, context: KeyContext, *, of_network: bool
) -> Step | Faulty:
    if not check_name(key, "a value", context.problems):
        return FAULTY
    body: Pipe | PatchStep | Outputs | Faulty
    if key.name == OUT and lists_outputs(node):
        body = read_outputs(node, context.problems, of_network=of_network)
    else:
        body = _body(node, context)
    return FAULTY if body is FAULTY else Step(key, body)


def _body(node: Node, context: KeyContext) -> Pipe | PatchStep | Faulty:
    problems = context.problems
    if isinstance(node, MappingNode):
        return _patch_step(node, context)
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        problems.error(
            "wrong-form",
            f"a pipe is a line such as `x | conv1 | bn1`, and this is {kind_of(node)}",
            node.place,
        )
        return FAULTY
    try:
        return parse_pipe(node, context.modules)
    except FlowError as error:
        problems.error("pipe-syntax", shown(str(error)), error.place, error.help)
        return FAULTY


def _patch_step(node: MappingNode, context: KeyContext) -> PatchStep | Faulty:
    keys = read_part(node, PATCH_STEP_KEYS, context.problems, context.modules)
    cut = FAULTY if keys is FAULTY else keys[PATCHES]
    if keys is FAULTY or cut is FAULTY:
        return FAULTY
    of, grid, name = cut[OF], cut[GRID], cut[AS]
    if of is FAULTY or grid is FAULTY or name is FAULTY:
        return FAULTY
    return PatchStep(
        of,
        grid,
        name,
        batch_statistics=cut[STATISTICS] == "batch",
        forward=keys[PATCH_FORWARD],
        place=start_of(node.items[PATCHES.name]),
        keys=cut,
    )


def _read_of(node: Node, context: KeyContext) -> ScalarNode | Faulty:
    text = read_text(node, context)
    if text is FAULTY or not isinstance(node, ScalarNode):
        return FAULTY
    return node


def _read_as(node: Node, context: KeyContext) -> str | Faulty:
    text = read_text(node, context)
    if text is FAULTY:
        return FAULTY
    known = check_identifier(text, node.place, "a value", context.problems)
    return text if known else FAULTY


def _read_statistics(node: Node, context: KeyContext) -> str:
    if isinstance(node, ScalarNode) and node.value in STATISTICS.schema["enum"]:
        return str(node.value)
    context.problems.error(
        "wrong-value",
        "`statistics:` is `patch` (each patch by itself) or `batch` (all together)",
        node.place,
    )
    return STATISTICS.absent


def _read_patches(node: Node, context: KeyContext) -> KeyValues | Faulty:
    return read_part(node, PATCHES_KEYS, context.problems)


def read_forward(node: Node, context: KeyContext) -> Steps:
    """The reader of `forward:`, of a block or of a patch step."""
    return read_steps(node, context)


def read_network_forward(node: Node, context: KeyContext) -> Steps:
    """The reader of a network's `forward:`."""
    return read_steps(node, context, of_network=True)


def _needed(name: str) -> Needed:
    example = "patches: {of: x, grid: [4, 4], as: patch}"
    return Needed(f"`patches:` needs `{name}:`", example=example)


OF: KeyEntry[ScalarNode | Faulty] = KeyEntry(
    name="of",
    says="The value that is cut into patches.",
    example="of: x",
    schema=TEXT,
    read=_read_of,
    absent=FAULTY,
    needed=_needed("of"),
)
GRID: KeyEntry[Node | Faulty] = KeyEntry(
    name="grid",
    says="How many patches there are along each axis.",
    example="grid: [4, 4]",
    schema={
        "type": "array",
        "items": or_expression(AXIS),
        "minItems": 2,
        "maxItems": 3,
    },
    read=as_written,
    absent=FAULTY,
    needed=_needed("grid"),
)
AS: KeyEntry[str | Faulty] = KeyEntry(
    name="as",
    says="What a patch is called inside.",
    example="as: patch",
    schema={**TEXT, **NAME},
    read=_read_as,
    absent=FAULTY,
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

PATCHES: KeyEntry[KeyValues | Faulty] = KeyEntry(
    name="patches",
    says="What is cut into patches, into how many, and what a patch is called.",
    example="patches: {of: x, grid: [4, 4], as: patch}",
    schema=table_schema(PATCHES_KEYS),
    read=_read_patches,
    absent=FAULTY,
    needed=Needed("a patch step needs `patches:`"),
    whole=whole_schema(PATCHES_KEYS),
)
PATCH_FORWARD: KeyEntry[Steps] = KeyEntry(
    name="forward",
    says="The flow that runs on every patch; its `out` is laid back row by row.",
    example="forward: {out: patch | relu()}",
    schema={"$ref": "#/$defs/forward"},
    read=read_forward,
    absent={},
    needed=Needed("a patch step needs `forward:`"),
    whole={"$ref": "#/$defs/whole.forward"},
)
PATCH_STEP_KEYS = KeyTable("a patch step", (PATCHES, PATCH_FORWARD))

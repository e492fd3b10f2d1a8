"""A printed tree of a known family -> its spec, data flow and all.

The flow is that of the reference networks: a stem, stages that halve the size, decoders
that double it and add the stage's result, a head; other branches see patches. Whoever
calls this resolves the spec and compares what it prints: nothing is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import SEQUENTIAL, STAGE
from medt_gen.importer.options import DEFAULT_GRID, Options, Size
from medt_gen.importer.skeleton import Branch, Skeleton, find_skeleton
from medt_gen.importer.stages import BLOCK_KINDS, BlockFacts, is_uniform, stage_facts
from medt_gen.network.prints_layers import NotInCatalog, read_arguments
from medt_gen.printouts.tree import Node
from medt_gen.spec.yaml_text import comment, inline, scalar

_UP = "upsample(2) | relu()"


@dataclass(frozen=True)
class Family:
    """A tree in which a skeleton was found, with all its stages understood."""

    root: Node
    skeleton: Skeleton
    stages: dict[str, list[BlockFacts]]
    leaves: dict[str, dict[str, Any]]

    @property
    def channels(self) -> int:
        """The input's channels, as the first convolution has them."""
        first = self.skeleton.branches[0].stem[0].convolution
        channels: int = self.leaves[first]["in_channels"]
        return channels

    @property
    def gated(self) -> bool:
        """Whether any block has gates."""
        types = {block.type for blocks in self.stages.values() for block in blocks}
        return any(BLOCK_KINDS[name].gates for name in types if name in BLOCK_KINDS)


def recognise(root: Node) -> Family | None:
    """The known family that a tree belongs to, or None."""
    skeleton = find_skeleton(root)
    if skeleton is None:
        return None
    rows = {child.name: child for child in root.children}
    texts = [child for child in root.children if not child.type]
    if texts or len(rows) < len(root.children):
        # A row that is text and no module, as `(soft): None`, or two of one name.
        return None
    stages: dict[str, list[BlockFacts]] = {}
    for branch in skeleton.branches:
        for name in branch.stages:
            blocks = stage_facts(rows[name])
            if blocks is None:
                return None
            stages[name] = blocks
    try:
        leaves = {
            name: read_arguments(row.type, row.attributes)
            for name, row in rows.items()
            if name not in stages
        }
    except NotInCatalog:
        return None
    return Family(root, skeleton, stages, leaves)


@dataclass(frozen=True)
class Assumed:
    """The input and the grids that a spec is written with, and which were told."""

    size: Size
    grids: dict[str, Size]
    notes: dict[str, str]


def assumed(family: Family, options: Options, size: Size) -> Assumed:
    """What the options give, and what is assumed without them, with a note for each."""
    notes = {}
    if options.size is None:
        notes["size"] = "assumed: a printout does not show the input's size"
    grids = {}
    for branch in family.skeleton.branches[1:]:
        given = options.grid(branch.suffix)
        grids[branch.suffix] = given or DEFAULT_GRID
        if given is None:
            notes[branch.suffix] = "assumed: a printout does not show the patch grid"
    return Assumed(options.size or size, grids, notes)


def spec_text(family: Family, facts: Assumed, origin: list[str]) -> str:
    """The YAML of the spec; `origin` are the first lines of comment."""
    parameters = _Parameters(family)
    lines = [f"# {comment(line)}" for line in origin]
    lines += ["medt-gen: 1", f"class: {scalar(family.root.type)}"]
    size = facts.size[0] if len(set(facts.size)) == 1 else list(facts.size)
    given = inline({"channels": family.channels, "size": size})
    lines += [
        _noted(f"input: {given}", facts.notes.get("size")),
        f"params: {inline(parameters.values)}",
        "",
        "modules:",
        *_modules(family, parameters),
        "",
        "forward:",
        *_forward(family, facts),
    ]
    if family.gated:
        lines += ["", *_GATES]
    return "\n".join(lines) + "\n"


_GATES = (
    "# When the gates open is not in the modules. Write it as",
    "# training: {gates: {frozen_epochs: 10}}",
)


def _noted(line: str, note: str | None) -> str:
    return f"{line}  # {note}" if note else line


class _Parameters:
    """What is written once: classes, heads, and the block of each branch."""

    def __init__(self, family: Family) -> None:
        self.values: dict[str, Any] = {}
        head = family.leaves[family.skeleton.head]
        self.values["classes"] = head["out_channels"]
        every = [block for blocks in family.stages.values() for block in blocks]
        self.heads = {block.heads for block in every}
        if len(self.heads) == 1:
            self.values["heads"] = every[0].heads
        self.blocks: dict[str, str] = {}
        for branch in family.skeleton.branches:
            types = {b.type for name in branch.stages for b in family.stages[name]}
            if len(types) == 1:
                self.blocks[branch.suffix] = f"block{branch.suffix}"
                self.values[f"block{branch.suffix}"] = types.pop()

    def arguments(self, block: BlockFacts) -> dict[str, Any]:
        """The arguments of a block but for its stride, in terms of the parameters."""
        heads = "$heads" if len(self.heads) == 1 else block.heads
        return {"planes": block.planes, "heads": heads}

    def type(self, suffix: str, block: BlockFacts) -> str:
        """The block's type, by its parameter where there is one."""
        name = self.blocks.get(suffix)
        return f"${name}" if name else block.type


def _modules(family: Family, parameters: _Parameters) -> list[str]:
    lines: list[str] = []
    seen: set[str] = set()
    for row in family.root.children:
        suffix = family.skeleton.owners[row.name]
        heading = _heading(family.skeleton, row.name, suffix)
        if heading and heading not in seen:
            seen.add(heading)
            lines.append(f"  # {heading}")
        if row.name in family.stages:
            lines += _stage(row.name, family.stages[row.name], suffix, parameters)
        else:
            lines.append(f"  {row.name}: {_leaf(family, row)}")
    return lines


def _heading(skeleton: Skeleton, name: str, suffix: str) -> str | None:
    if len(skeleton.branches) == 1:
        return None
    if name == skeleton.fusion:
        return "all branches"
    return f"the patches of the branch {suffix}" if suffix else "the whole image"


def _stage(
    name: str, blocks: list[BlockFacts], suffix: str, parameters: _Parameters
) -> list[str]:
    if is_uniform(blocks):
        first = blocks[0]
        stage = {
            "type": STAGE,
            "block": parameters.type(suffix, first),
            **parameters.arguments(first),
            "depth": len(blocks),
            **first.stride_argument,
        }
        return [f"  {name}: {inline(stage)}"]
    lines = [f"  {name}:", f"    type: {SEQUENTIAL}", "    modules:"]
    for block in blocks:
        item = {
            "type": parameters.type(suffix, block),
            **parameters.arguments(block),
            **block.stride_argument,
        }
        lines.append(f"      - {inline(item)}")
    return lines


def _leaf(family: Family, row: Node) -> str:
    """A layer on one line; sizes that follow from the flow are left out."""
    unused = row.name in family.skeleton.unused
    inferred = {a.name for a in LAYERS[row.type].arguments if a.inferred}
    given = {
        name: value
        for name, value in family.leaves[row.name].items()
        if unused or name not in inferred
    }
    if _is_head(family, row):
        given["out_channels"] = "$classes"
    if unused:
        given["unused"] = True
    return inline({"type": row.type, **given}) if given else row.type


def _is_head(family: Family, row: Node) -> bool:
    """Whether this is the head, or that of a branch, which is never called."""
    head = family.skeleton.head
    if row.name == head:
        return True
    if row.name not in family.skeleton.unused or row.type != "Conv2d":
        return False
    own, wanted = family.leaves[row.name], family.leaves[head]
    return all(own.get(name) == wanted.get(name) for name in _OF_A_HEAD)


_OF_A_HEAD = ("out_channels", "kernel_size")


def _forward(family: Family, facts: Assumed) -> list[str]:
    skeleton = family.skeleton
    main, *others = skeleton.branches
    lines = _branch_flow(main, skeleton.activation, "x", "whole" if others else "out")
    if not others:
        lines[-1] += f" | {skeleton.head}"
        return [f"  {line}" for line in lines]
    names = ["local" if len(others) == 1 else f"local{b.suffix}" for b in others]
    for name, branch in zip(names, others, strict=True):
        grid = inline(list(facts.grids[branch.suffix]))
        patches = f"  patches: {{of: x, grid: {grid}, as: patch}}"
        lines += [f"{name}:", _noted(patches, facts.notes.get(branch.suffix))]
        inner = _branch_flow(branch, skeleton.activation, "patch", "out")
        lines += ["  forward:", *(f"    {line}" for line in inner)]
    added = " | ".join(f"add({name})" for name in names)
    lines.append(f"out: whole | {added} | {skeleton.fusion} | relu() | {skeleton.head}")
    return [f"  {line}" for line in lines]


def _branch_flow(branch: Branch, activation: str, value: str, result: str) -> list[str]:
    stem = [f"{row.convolution} | {row.norm} | {activation}" for row in branch.stem]
    lines = [f"stem: {' | '.join([value, *stem])}"]
    value = "stem"
    for number, stage in enumerate(branch.stages, 1):
        lines.append(f"skip{number}: {value} | {stage}")
        value = f"skip{number}"
    for level, decoder in zip(_levels(branch), branch.decoders, strict=True):
        if level:
            step = f"up{level}: {value} | {decoder} | {_UP} | add(skip{level})"
        else:
            step = f"{result}: {value} | {decoder} | {_UP}"
        lines.append(step)
        value = f"up{level}"
    return lines


def _levels(branch: Branch) -> range:
    """Which stage's result each decoder meets; 0 is the last one, which meets none."""
    return range(len(branch.decoders) - 1, -1, -1)

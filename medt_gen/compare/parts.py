"""One network inside of another: which part of a side is what the other side is.

Adapters, training frameworks and wrappers put a network one or two levels down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from medt_gen.catalog.containers import CONTAINERS
from medt_gen.compare.descriptions import Description
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.paths.keys import join
from medt_gen.printouts import Node, unwrap
from medt_gen.printouts.attributes import comparable_type
from medt_gen.printouts.fingerprint import Fingerprints

_DEEPEST = 2

Side = Literal["left", "right"]


@dataclass(frozen=True)
class Part:
    """The part of a side that is compared.

    `path` is where it stands, `type` its class; `rest` are the paths of what stands
    beside it, and is not compared.
    """

    side: Side
    path: str
    type: str
    rest: tuple[str, ...]


@dataclass(frozen=True)
class Parts:
    """The two sides as they are compared, and which parts of them those are."""

    left: Description
    right: Description
    parts: tuple[Part, ...] = ()


def whole_or_part(left: Description, right: Description) -> Parts:
    """Both sides whole where their roots are of one class; else a part of one.

    A part is taken where exactly one module in the first levels is of the class of the
    other side's root.
    """
    if left.tree is None or right.tree is None:
        return Parts(left, right)
    one, other = unwrap(left.tree), unwrap(right.tree)
    if comparable_type(one.type) == comparable_type(other.type):
        return Parts(left, right)
    in_right, in_left = _candidates(other, one), _candidates(one, other)
    if len(in_right) + len(in_left) != 1:
        return Parts(left, right)
    if in_right:
        part = _part("right", other, in_right[0])
        return Parts(left, _cut(right, other, part), (part,))
    part = _part("left", one, in_left[0])
    return Parts(_cut(left, one, part), right, (part,))


def chosen_parts(left: Description, right: Description, paths: Sequence[str]) -> Parts:
    """The sides cut down to what a person asks for: `PATH`, `A:PATH` or `B:PATH`.

    Raises:
        UnreadableInput: nothing stands at a path, or both sides have it.
    """
    sides: dict[Side, Description] = {"left": left, "right": right}
    parts: list[Part] = []
    for given in paths:
        letter, colon, path = given.partition(":")
        named = colon and letter in _SIDES
        side = _SIDES[letter] if named else _side_with(left, right, given)
        sides[side], part = at(side, sides[side], path if named else given)
        parts.append(part)
    return Parts(sides["left"], sides["right"], tuple(parts))


_SIDES: dict[str, Side] = {"A": "left", "B": "right"}


def _side_with(left: Description, right: Description, path: str) -> Side:
    """The side in which something stands at a path."""
    in_left, in_right = has_part(left, path), has_part(right, path)
    if in_left and in_right:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"--at {shown(path)}: both sides have it",
                help=f"write `--at A:{shown(path)}` or `--at B:{shown(path)}`, or both",
            )
        )
    if in_left or in_right:
        return "right" if in_right else "left"
    levels = [dict(_first_levels(s.tree)) for s in (left, right) if s.tree is not None]
    known = [known for level in levels for known in level]
    message = f"--at {shown(path)}: nothing stands there on either side"
    help = did_you_mean(path, known)
    raise UnreadableInput(Diagnostic("usage", message, help=help))


def at(side: Side, description: Description, path: str) -> tuple[Description, Part]:
    """A side cut down to what stands at a path.

    Raises:
        UnreadableInput: nothing stands there, or the side has no tree.
    """
    tree = description.tree
    root = tree if tree is None or _find(tree, path) else unwrap(tree)
    if root is None or _find(root, path) is None:
        raise UnreadableInput(_nowhere(description, root, path))
    part = _part(side, root, path)
    return _cut(description, root, part), part


def has_part(description: Description, path: str) -> bool:
    """Whether something stands at a path of a side."""
    tree = description.tree
    return tree is not None and bool(_find(tree, path) or _find(unwrap(tree), path))


def _candidates(root: Node, wanted: Node) -> list[str]:
    """The paths of modules in the first levels that may be the network `wanted`."""
    kind = comparable_type(wanted.type)
    near = dict(_first_levels(root))
    found = [path for path, node in near.items() if comparable_type(node.type) == kind]
    if kind not in CONTAINERS:
        return found
    prints = Fingerprints()
    prints.add(root)
    prints.add(wanted)
    shape = prints.shape(wanted)
    return [path for path in found if prints.shape(near[path]) == shape]


def _first_levels(root: Node) -> Iterator[tuple[str, Node]]:
    level = [("", root)]
    for _ in range(_DEEPEST):
        level = [
            (join(path, child.name), child)
            for path, node in level
            for child in node.children
            if child.is_module and child.count == 1
        ]
        yield from level


def _part(side: Side, root: Node, path: str) -> Part:
    """The part at a path, with the paths of all that stands beside the way to it."""
    rest: list[str] = []
    node, walked = root, ""
    for name in path.split("."):
        rest += (
            join(walked, child.name)
            for child in node.children
            if child.name != name and (child.is_module or child.name)
        )
        found = _child(node, name)
        assert found is not None
        node, walked = found, join(walked, name)
    return Part(side, path, node.type, tuple(rest))


def _cut(description: Description, root: Node, part: Part) -> Description:
    """The description of a part alone; the input and the flow are of the whole."""
    step = f"{part.path}."
    tensors = description.tensors
    own = (
        None
        if tensors is None
        else {k.removeprefix(step): v for k, v in tensors.items() if k.startswith(step)}
    )
    tree = _find(root, part.path)
    assert tree is not None
    bare = replace(tree, name="", count=1)
    return replace(description, tree=bare, tensors=own, network=None, code="")


def _find(root: Node, path: str) -> Node | None:
    node: Node | None = root
    for name in path.split("."):
        node = None if node is None else _child(node, name)
    return node


def _child(node: Node, name: str) -> Node | None:
    """The child of this name; a run has all its indices."""
    for child in node.children:
        if child.name == name:
            return child
        if child.count > 1 and name.isdecimal() and int(name) in child.indices:
            return child
    return None


def _nowhere(description: Description, root: Node | None, path: str) -> Diagnostic:
    name = shown(description.name)
    if root is None:
        return Diagnostic(
            "usage",
            f"--at {shown(path)}: {name} is a checkpoint, and has no modules",
            help="compare a printout or a spec",
        )
    known = [known for known, _ in _first_levels(root)]
    return Diagnostic(
        "usage",
        f"--at {shown(path)}: nothing stands there in {name}",
        help=did_you_mean(path, known),
    )

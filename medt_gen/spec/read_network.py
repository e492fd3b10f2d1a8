"""A composed spec -> its declaration: version, input, training and the class."""

from __future__ import annotations

from medt_gen.messages.problems import Problems
from medt_gen.spec.declarations import InputDeclaration, NetworkDeclaration
from medt_gen.spec.expect import (
    check_keys,
    expect_integer,
    expect_mapping,
    joined_numbers,
    start_of,
)
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import LANGUAGE, NETWORK_KEYS, declare_class


def declare_network(
    node: MappingNode, name: str, problems: Problems
) -> NetworkDeclaration:
    """Read the form of a composed spec; `name` is the class when it names none."""
    check_keys(node, NETWORK_KEYS, "a spec", problems)
    _check_version(node, problems)
    modules = node.keys.get("modules")
    return NetworkDeclaration(
        declare_class(node, name, problems, network=True),
        _input(node, problems),
        _frozen_epochs(node.items.get("training"), problems),
        modules.place if modules else start_of(node),
    )


def _check_version(node: MappingNode, problems: Problems) -> None:
    version = node.items.get("medt-gen")
    if version is None:
        problems.error(
            "missing-key",
            "`medt-gen: 1` is missing: the version of the language",
            start_of(node),
            "add `medt-gen: 1` as the first line",
        )
    elif not isinstance(version, ScalarNode) or version.value is not LANGUAGE:
        problems.error(
            "wrong-value",
            "`medt-gen:` is the version of the language",
            version.place,
            f"this release reads version {LANGUAGE}: write `medt-gen: {LANGUAGE}`",
        )


def _input(node: MappingNode, problems: Problems) -> InputDeclaration | None:
    given = node.items.get("input")
    if given is None:
        problems.error(
            "missing-key",
            "`input:` is missing",
            start_of(node),
            "add `input: {channels: 3, size: 128}`",
        )
        return None
    mapping = expect_mapping(given, "`input:`", problems)
    if mapping is None:
        return None
    check_keys(mapping, ("channels", "size"), "`input:`", problems)
    for key in ("channels", "size"):
        if key not in mapping.items:
            problems.error(
                "missing-key",
                f"`input:` needs `{key}:`",
                given.place,
                "write `input: {channels: 3, size: 128}`",
            )
            return None
    written = mapping.items["size"]
    channels = expect_integer(mapping.items["channels"], "`channels:`", 1, problems)
    size = _size(written, problems)
    if channels is None or size is None:
        return None
    return InputDeclaration(channels, size, written.place)


def _size(node: Node, problems: Problems) -> tuple[int, ...] | None:
    """N is [N, N]; a list has two axes for images and three for volumes."""
    items = node.items if isinstance(node, ListNode) else (node, node)
    joined = joined_numbers(node, (2, 3))
    if joined or len(items) not in (2, 3):
        problems.error(
            "wrong-value",
            "`size:` is N, [H, W] or [D, H, W]",
            node.place,
            f"write `size: [{', '.join(joined or ('128', '256'))}]`",
        )
        return None
    numbers = [expect_integer(item, "`size:`", 1, problems) for item in items]
    known = tuple(number for number in numbers if number is not None)
    return known if len(known) == len(items) else None


def _frozen_epochs(node: Node | None, problems: Problems) -> int | None:
    mapping = expect_mapping(node, "`training:`", problems) if node else None
    if mapping is None:
        return None
    check_keys(mapping, ("gates",), "`training:`", problems)
    if "gates" not in mapping.items:
        return None
    gates = expect_mapping(mapping.items["gates"], "`gates:`", problems)
    if gates is None:
        return None
    check_keys(gates, ("frozen_epochs",), "`gates:`", problems)
    if "frozen_epochs" not in gates.items:
        return None
    return expect_integer(gates.items["frozen_epochs"], "`frozen_epochs:`", 0, problems)

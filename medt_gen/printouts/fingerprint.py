"""Numbers for subtrees: equal subtrees get equal numbers, in one pass over a tree."""

from __future__ import annotations

from collections.abc import Hashable

from medt_gen.printouts.attributes import comparable, comparable_type, values
from medt_gen.printouts.tree import Node, postorder


class Fingerprints:
    """Numbers the subtrees of the trees it is given; a subtree's own name is no part.

    Interned keys are compared in full, so two subtrees never share a number by chance.

    Args:
        exact: count values that only some torch versions print.
    """

    def __init__(self, *, exact: bool = False) -> None:
        self._exact = exact
        self._known: dict[Hashable, int] = {}
        self._equal: dict[int, int] = {}
        self._shape: dict[int, int] = {}
        self._rows: dict[int, tuple[Node, ...]] = {}
        self._trees: list[Node] = []

    def add(self, root: Node) -> None:
        """Number every subtree of `root`."""
        self._trees.append(root)  # keeps the nodes alive: they are known by `id`
        for node in postorder(root):
            self._number(node)

    def adopt(self, node: Node, like: Node) -> Node:
        """Number a node as another one that differs only in its name or count."""
        self._trees.append(node)
        for numbers in (self._equal, self._shape):
            numbers[id(node)] = numbers[id(like)]
        if id(like) in self._rows:
            self._rows[id(node)] = self._rows[id(like)]
        return node

    def equal(self, node: Node) -> int:
        """The same for nodes with equal classes, values and rows all the way down."""
        return self._equal[id(node)]

    def shape(self, node: Node) -> int:
        """The same for nodes with equal classes and names all the way down."""
        return self._shape[id(node)]

    def rows(self, node: Node) -> tuple[Node, ...]:
        """The children that say anything: empty lines among them are left out."""
        return self._rows.get(id(node), node.children)

    def type(self, node: Node) -> str:
        """The class as it is compared."""
        return node.type if self._exact else comparable_type(node.type)

    def values(self, node: Node) -> tuple[tuple[str, str], ...]:
        """The node's own values as they are compared."""
        read = values if self._exact else comparable
        return read(node.type, node.attributes)

    def _number(self, node: Node) -> None:
        rows = node.children
        if not all(row.type or row.name or row.attributes[0].strip() for row in rows):
            rows = tuple(row for row in rows if row.type or "".join(row.attributes))
            self._rows[id(node)] = rows
        kind, own = self.type(node), self.values(node)
        if not rows:
            self._equal[id(node)] = self._intern((kind, own))
            self._shape[id(node)] = self._intern(kind)
            return
        # A run counts as the rows it stands for, so that a printout that spells
        # them out is equal.
        merge = numbered(rows)
        self._equal[id(node)] = self._intern(
            (kind, own, _sequence(rows, self._equal, merge))
        )
        self._shape[id(node)] = self._intern(
            (kind, _sequence(rows, self._shape, merge))
        )

    def _intern(self, key: Hashable) -> int:
        return self._known.setdefault(key, len(self._known))


def _sequence(
    rows: tuple[Node, ...], numbers: dict[int, int], merge: bool
) -> tuple[tuple[int | str, int], ...]:
    if not merge:
        return tuple((row.name, numbers[id(row)]) for row in rows)
    result: list[tuple[int, int]] = []
    for row in rows:
        number = numbers[id(row)]
        if result and result[-1][0] == number:
            result[-1] = (number, result[-1][1] + row.count)
        else:
            result.append((number, row.count))
    return tuple(result)


def numbered(rows: tuple[Node, ...]) -> bool:
    """Whether the rows are the items 0, 1, 2, ... of a sequence, runs included."""
    expected = 0
    for row in rows:
        first = row.name.partition("-")[0] if row.count > 1 else row.name
        if first != str(expected) or not row.type:
            return False
        expected += row.count
    return True

"""Numbers for subtrees: equal subtrees get equal numbers, in one pass over a tree."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from medt_gen.printouts.attributes import comparable, comparable_type, values
from medt_gen.printouts.tree import REMARK_LINE, Node, postorder


@dataclass(frozen=True, slots=True)
class _Print:
    """The numbers of one subtree, and the rows that count in it."""

    equal: int
    shape: int
    rows: tuple[Node, ...]


class Fingerprints:
    """Numbers the subtrees of the trees it is given; a subtree's own name is no part.

    Interned keys are compared in full, so two subtrees never share a number by chance.

    Args:
        exact: count values that only some torch versions print.
        untold: arguments, each with its class, that are left out of comparing.
    """

    def __init__(
        self,
        *,
        exact: bool = False,
        untold: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self._exact = exact
        self._untold = untold
        self._known: dict[Hashable, int] = {}
        self._prints: dict[Node, _Print] = {}

    def add(self, root: Node) -> None:
        """Number every subtree of `root`."""
        for node in postorder(root):
            self._prints[node] = self._print(node)

    def adopt(self, node: Node, like: Node) -> None:
        """Number a node as another one that differs only in its name or count."""
        self._prints[node] = self._prints[like]

    def equal(self, node: Node) -> int:
        """The same for nodes with equal classes, values and rows all the way down."""
        return self._prints[node].equal

    def shape(self, node: Node) -> int:
        """The same for nodes with equal classes and names all the way down."""
        return self._prints[node].shape

    def rows(self, node: Node) -> tuple[Node, ...]:
        """The children that say anything: empty lines among them are left out."""
        return self._prints[node].rows

    def type(self, node: Node) -> str:
        """The class as it is compared."""
        return node.type if self._exact else comparable_type(node.type)

    def values(self, node: Node) -> tuple[tuple[str, str], ...]:
        """The node's own values as they are compared."""
        read = values if self._exact else comparable
        found = read(node.type, node.attributes)
        if self._untold:
            kind = node.type
            found = tuple(p for p in found if (kind, p[0]) not in self._untold)
        behind = node.behind.strip()
        return (*found, ("behind it", behind)) if behind else found

    def _print(self, node: Node) -> _Print:
        kind, own = self.type(node), self.values(node)
        rows = _saying(node.children) if node.children else ()
        if not rows:
            return _Print(self._intern((kind, own)), self._intern(kind), rows)
        # A run counts as the rows it stands for, so that a printout that spells
        # them out is equal.
        content = _run_lengths if numbered(rows) else _by_name
        prints = [self._prints[row] for row in rows]
        equal = content(rows, [item.equal for item in prints])
        shape = content(rows, [item.shape for item in prints])
        return _Print(
            self._intern((kind, own, equal)), self._intern((kind, shape)), rows
        )

    def _intern(self, key: Hashable) -> int:
        return self._known.setdefault(key, len(self._known))


def _saying(rows: tuple[Node, ...]) -> tuple[Node, ...]:
    """The rows but for empty lines, and for remarks that have lines of their own."""
    if all(row.type or row.name or _says(row) for row in rows):
        return rows
    return tuple(row for row in rows if row.type or row.name or _says(row))


def _says(row: Node) -> bool:
    return any(line.strip() and not REMARK_LINE.match(line) for line in row.attributes)


def _by_name(rows: tuple[Node, ...], numbers: list[int]) -> Hashable:
    return tuple((row.name, number) for row, number in zip(rows, numbers, strict=True))


def _run_lengths(rows: tuple[Node, ...], numbers: list[int]) -> Hashable:
    """Each number with how many modules in a row have it."""
    lengths: list[tuple[int, int]] = []
    for row, number in zip(rows, numbers, strict=True):
        if lengths and lengths[-1][0] == number:
            lengths[-1] = (number, lengths[-1][1] + row.count)
        else:
            lengths.append((number, row.count))
    return tuple(lengths)


def numbered(rows: tuple[Node, ...]) -> bool:
    """Whether the rows are the items 0, 1, 2, ... of a sequence, runs included."""
    expected = 0
    for row in rows:
        first = row.name.partition("-")[0] if row.count > 1 else row.name
        if first != str(expected) or not row.type:
            return False
        expected += row.count
    return True

"""The record of a printed module tree, and what needs nothing else: walk and render.

Nothing here recurses: a tree may be nested as deeply as a hostile text claims. For
the same reason runs (`(0-3): 4 x Block(...)`) stay counted and are never expanded in
memory.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import counted
from medt_gen.paths.keys import WRAPPERS, join
from medt_gen.printouts.limits import MOST_TEXT

INDENT = "  "

REMARK_LINE = re.compile(r"\s*(?:#|//|<-)\s")
"""A line between the rows that is a remark as a whole."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a row is written where that is not torch's way: kept, and never compared.

    Attributes:
        separator: what stands between the key and the class.
        space: what stands between the class and its parenthesis.
        opened: what follows `Type(` in its line, where rows follow below.
        remark: what stands behind the closing parenthesis: blanks, or a remark.
    """

    separator: str = ": "
    space: str = ""
    opened: str = ""
    remark: str = ""


PLAIN = Form()
"""As torch writes a row."""


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One row of a printed module tree, with all that is printed under it.

    Attributes:
        name: the key in the parent's `_modules`; `0-3` for a run; empty for the root.
        type: the printed class; empty for a row of text that follows no rule.
        attributes: the module's own lines (`extra_repr`), relative to its rows; lines
            of nothing but white space are kept whole.
        children: the rows below, in printed order.
        count: how many equal modules the row stands for; above 1 only in runs.
        block: printed over several lines though one would have done.
        behind: text of its own behind the closing parenthesis, such as `: x -> y`.
        form: how it is written, remarks included.
    """

    name: str
    type: str
    attributes: tuple[str, ...] = ()
    children: tuple[Node, ...] = ()
    count: int = 1
    block: bool = False
    behind: str = ""
    form: Form = PLAIN

    @property
    def is_module(self) -> bool:
        """Whether the row shows a module; otherwise it is kept as opaque text."""
        return bool(self.type)

    @property
    def indices(self) -> range:
        """The indices that a run covers.

        Raises:
            ValueError: the row is no run and its name no number.
        """
        first, _, last = self.name.partition("-")
        return range(int(first), int(last or first) + 1)

    def __repr__(self) -> str:
        """One line, without the children: trees are deep."""
        return f"Node({headline(self)!r}, {len(self.children)} children)"


def headline(node: Node) -> str:
    """One line that says what a node is: `(conv): Conv2d(3, 8, ...)`."""
    if not node.type:
        return label(node) + " ".join(line.strip() for line in node.attributes)
    inner = ", ".join(filter(None, (line.strip() for line in node.attributes)))
    return f"{label(node)}{node.type}({inner}){node.behind.rstrip()}"


def described(node: Node) -> str:
    """A headline that also says how many modules are in the node."""
    below = count_modules(replace(node, count=1)) - 1 if node.children else 0
    if not below:
        return headline(node)
    own = headline(node) if node.attributes else f"{label(node)}{node.type}"
    return f"{own} with {counted(below, 'module')}"


def label(node: Node) -> str:
    """What stands in front of the type: `(conv): ` or `(0-3): 4 x `."""
    key = f"({node.name}){node.form.separator}" if node.name else ""
    return f"{key}{node.count} x " if node.count > 1 else key


def walk(root: Node, *, expand: bool = False) -> Iterator[tuple[str, Node]]:
    """Yield (path, node) for every module, parents first, in printed order.

    Opaque rows are left out. A run is visited once, under a path such as `layers.0-3`;
    with `expand=True` it is visited once for every module it stands for, lazily.
    """
    yield "", root
    stack = [("", child) for child in reversed(root.children) if child.is_module]
    while stack:
        parent, node = stack.pop()
        if expand and node.count > 1:
            node, rest = _split_run(node)
            stack.append((parent, rest))
        path = join(parent, node.name)
        yield path, node
        modules = (child for child in reversed(node.children) if child.is_module)
        stack.extend((path, child) for child in modules)


def _split_run(run: Node) -> tuple[Node, Node]:
    """The first module of a run, and the run of the others."""
    first, last = run.indices[0], run.indices[-1]
    name = str(last) if run.count == 2 else f"{first + 1}-{last}"
    return (
        replace(run, name=str(first), count=1),
        replace(run, name=name, count=run.count - 1),
    )


def count_modules(root: Node) -> int:
    """How many modules the tree stands for, the root included, runs multiplied out."""
    totals: dict[int, int] = {}
    for node in postorder(root):
        below = sum(totals[id(child)] for child in node.children)
        totals[id(node)] = node.count * (below + 1) if node.is_module else 0
    return totals[id(root)]


def count_remarks(root: Node) -> int:
    """How many rows have a remark behind them, or are one; a run counts once."""
    return sum(_remarks(node) for node in postorder(root))


def _remarks(node: Node) -> int:
    behind = (node.form.opened, node.form.remark)
    lines = sum(REMARK_LINE.match(line) is not None for line in node.attributes)
    return lines + sum(bool(text.strip()) for text in behind)


def postorder(root: Node) -> Iterator[Node]:
    """Yield every node, children before parents."""
    order = []
    stack = [root]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(node.children)
    return reversed(order)


def render(root: Node) -> str:
    """The text that `print` gives for the tree, without a line break at the end.

    Raises:
        InvalidInput: the text would be absurdly long, as hostile nesting makes it.
    """
    lines: list[str] = []
    size = 0
    for line in rendered_lines(root):
        lines.append(line)
        size += len(line) + 1
        if size > MOST_TEXT:
            raise InvalidInput(_too_large())
    return "\n".join(lines)


def _too_large() -> Diagnostic:
    return Diagnostic(
        code="printout-too-large",
        message=f"printed out, this tree is longer than {MOST_TEXT >> 20} MiB",
        help="no real model is nested as deeply as this one",
    )


def rendered_lines(root: Node) -> Iterator[str]:
    """The lines of `render`, one at a time."""
    stack: list[tuple[str, Node | None]] = [("", root)]
    while stack:
        indent, node = stack.pop()
        if node is None:
            yield indent
        elif not node.type:
            yield from _opaque_lines(indent, node)
        elif _fits_on_a_line(node):
            yield f"{indent}{_head(node)}{''.join(node.attributes)}{_end(node)}"
        else:
            yield f"{indent}{_head(node)}{node.form.opened}"
            inner = indent + INDENT
            yield from (_indented(inner, line) for line in node.attributes)
            stack.append((f"{indent}{_end(node)}", None))
            stack.extend((inner, child) for child in reversed(node.children))


def _head(node: Node) -> str:
    return f"{label(node)}{node.type}{node.form.space}("


def _end(node: Node) -> str:
    return f"){node.behind}{node.form.remark}"


def _fits_on_a_line(node: Node) -> bool:
    return not (node.block or node.children or len(node.attributes) > 1)


def _opaque_lines(indent: str, node: Node) -> Iterator[str]:
    # A row whose text was cut away has a name and nothing else.
    first, *rest = node.attributes or ("",)
    lead = label(node)
    yield f"{indent}{lead}{first}" if lead else _indented(indent, first)
    yield from (_indented(indent, line) for line in rest)


def _indented(indent: str, line: str) -> str:
    # torch versions differ in whether an empty line is indented: such lines are whole
    return indent + line if line.strip() else line


def unwrap(root: Node) -> Node:
    """The tree with DataParallel, DDP, FSDP and torch.compile wrappers looked through.

    A wrapped module takes its wrapper's place and name, so paths lose the wrapper's own
    step (`module`, `_orig_mod`).
    """
    done: dict[int, Node] = {}
    for node in postorder(root):
        children = tuple(done[id(child)] for child in node.children)
        inner = _wrapped(node, children)
        if inner is not None:
            done[id(node)] = replace(inner, name=node.name, count=node.count)
        elif any(map(operator.is_not, children, node.children)):
            done[id(node)] = replace(node, children=children)
        else:
            done[id(node)] = node
    return done[id(root)]


def _wrapped(node: Node, children: tuple[Node, ...]) -> Node | None:
    modules = [child for child in children if child.is_module]
    if len(modules) == 1 and modules[0].name == WRAPPERS.get(node.type):
        return modules[0]
    return None

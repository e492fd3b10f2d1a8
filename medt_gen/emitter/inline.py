"""The layers' own source: imported by the runtime, copied into a standalone file."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LAYERS = Path(__file__).parent.parent / "layers"
_PACKAGE = "medt_gen.layers"


@dataclass(frozen=True)
class Definition:
    """A function, class or constant of a layer file, as text.

    `whole` is its text; in `text`, docstrings are cut to their first paragraph.
    `at_definition` are the names that have to be known when it is defined (bases,
    annotations, decorators, defaults); `names` are all, in order of appearance.
    """

    name: str
    module: str
    text: str
    whole: str
    at_definition: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Import:
    """`from module import name as alias`, or `import module` where `name` is empty."""

    module: str
    name: str
    alias: str


@dataclass(frozen=True)
class LayerTexts:
    """All definitions of the layer files, and their imports, by the names they give."""

    definitions: dict[str, Definition]
    imports: dict[str, Import]


@cache
def layer_texts() -> LayerTexts:
    """Read the layer files; only text is read, nothing is imported."""
    definitions: dict[str, Definition] = {}
    imports: dict[str, Import] = {}
    for path in sorted(_LAYERS.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        for node in tree.body:
            for item in _imports(node):
                if not item.module.startswith(_PACKAGE):
                    imports[item.alias] = item
        for definition in _definitions(tree, text, f"{_PACKAGE}.{path.stem}"):
            definitions[definition.name] = definition
    return LayerTexts(definitions, imports)


def _imports(node: ast.stmt) -> list[Import]:
    if isinstance(node, ast.Import):
        return [Import(a.name, "", a.asname or a.name) for a in node.names]
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return [Import(module, a.name, a.asname or a.name) for a in node.names]
    return []


def _definitions(tree: ast.Module, text: str, module: str) -> Iterator[Definition]:
    lines = text.splitlines()
    for node in tree.body:
        name = _defined_name(node)
        if name is None:
            continue
        first = _first_line(node, lines)
        kept = _summarised(node, lines)[first - 1 : node.end_lineno]
        source = "\n".join(line for line in kept if line != _DROPPED)
        whole = "\n".join(lines[first - 1 : node.end_lineno])
        early = tuple(_names(_read_at_definition(node)))
        yield Definition(name, module, source, whole, early, tuple(_names([node])))


def _defined_name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    target: ast.expr | None = None
    if isinstance(node, ast.Assign):
        target = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    return target.id if isinstance(target, ast.Name) else None


_DROPPED = "\0"


def _summarised(node: ast.stmt, lines: list[str]) -> list[str]:
    """The lines of the file, docstrings cut to their first paragraph.

    The whole of them is in the package; an emitted file is read for its network.
    Lines that go are marked, so that the numbers of the others stay right.
    """
    result = list(lines)
    for item in ast.walk(node):
        if not isinstance(item, ast.FunctionDef | ast.ClassDef):
            continue
        first = item.body[0]
        if ast.get_docstring(item) is None:
            continue
        inside = range(first.lineno, first.end_lineno or first.lineno)
        blank = next((n for n in inside if not lines[n].strip()), None)
        if blank is None:
            continue
        result[blank - 1] += '"""'
        for number in range(blank, first.end_lineno or blank):
            result[number] = _DROPPED
    return result


def _first_line(node: ast.stmt, lines: list[str]) -> int:
    """The line where the definition starts, decorators and comments included."""
    first = node.lineno
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
        first = node.decorator_list[0].lineno
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    return first


def _read_at_definition(node: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement that are evaluated when it runs, not when called."""
    if isinstance(node, ast.FunctionDef):
        yield from node.decorator_list
        yield node.args
        if node.returns is not None:
            yield node.returns
    elif isinstance(node, ast.ClassDef):
        yield from (*node.decorator_list, *node.bases, *node.keywords)
        for inner in node.body:
            yield from _read_at_definition(inner)
    else:
        yield node


def _names(nodes: Iterable[ast.AST]) -> list[str]:
    """Every bare name in some code, in order of appearance."""
    found = [
        item for node in nodes for item in ast.walk(node) if isinstance(item, ast.Name)
    ]
    ordered = sorted(found, key=lambda item: (item.lineno, item.col_offset))
    return list(dict.fromkeys(item.id for item in ordered))


def names_in(node: ast.AST) -> list[str]:
    """Every bare name that the code refers to, in order of appearance."""
    return _names([node])


def needed(names: Iterable[str]) -> list[Definition]:
    """The definitions behind `names`, and behind those, from what is used to its parts.

    What a definition names when it is defined comes before it; what it only calls comes
    behind, so that a reader meets a layer before its helpers.
    """
    known = layer_texts().definitions
    begun: set[str] = set()
    done: dict[str, Definition] = {}

    def visit(name: str) -> None:
        if name in begun or name not in known:
            return
        begun.add(name)
        definition = known[name]
        for item in definition.at_definition:
            visit(item)
        done[name] = definition
        for item in definition.names:
            visit(item)

    for name in names:
        visit(name)
    return list(done.values())


def import_lines(imports: Iterable[Import]) -> str:
    """Import statements as isort orders them: the standard library first."""
    groups: list[list[str]] = [[], [], []]
    merged: dict[str, set[str]] = {}
    for item in set(imports):
        group = groups[_rank(item.module)]
        if not item.name:
            alias = "" if item.alias == item.module else f" as {item.alias}"
            group.append(f"import {item.module}{alias}")
        else:
            text = (
                item.name if item.alias == item.name else f"{item.name} as {item.alias}"
            )
            merged.setdefault(item.module, set()).add(text)
    for number, group in enumerate(groups):
        group.sort()
        modules = sorted(name for name in merged if _rank(name) == number)
        group += [f"from {name} import {_listed(merged[name])}" for name in modules]
    return "\n\n".join("\n".join(group) for group in groups if group)


def _listed(names: set[str]) -> str:
    def key(name: str) -> tuple[int, str]:
        # isort: constants, then classes, then the rest
        return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

    return ", ".join(sorted(names, key=key))


def _rank(module: str) -> int:
    head = module.split(".")[0]
    if head == "medt_gen":
        return 2
    return 0 if head in sys.stdlib_module_names else 1

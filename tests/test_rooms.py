"""The rooms of the package: each imports what its `__init__` says, and nothing upward."""

import ast
import re

import pytest
from support import ROOT

PACKAGE = ROOT / "medt_gen"
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
FRONT_DOORS = {"__init__", "__main__", "cli", "plugin", "printout", "pytest_plugin"}
GROUND = {"model", "notebook_views", "version"}
TORCH = "torch"


def declared(room):
    """What the room's docstring says that it may import."""
    text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text()))
    says = re.search(r"^May import: (.+)\.$", text, re.MULTILINE)
    assert says, f"{room}/__init__.py does not end with a line `May import: ...`"
    return set() if says[1] == "nothing of ours" else set(says[1].split(", "))


ALLOWED = {room: declared(room) for room in ROOMS}


def reachable(room, way=()):
    """The rooms that a room may import: those it names, and what they may."""
    assert room not in way, f"a circle: {' -> '.join((*way, room))}"
    named = ALLOWED[room] - {TORCH}
    return named.union(*(reachable(item, (*way, room)) for item in named))


def imported(path):
    """(module, whether anywhere but inside a function) of every import in a file."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports by a relative path"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_rooms(path):
    """The rooms of ours that a file imports from."""
    parts = [module.split(".") for module in imported(path)]
    return {part[1] for part in parts if part[0] == "medt_gen" and len(part) > 1}


def test_only_front_doors_and_the_ground_lie_outside_of_the_rooms():
    loose = {path.stem for path in PACKAGE.glob("*.py")}
    assert loose == FRONT_DOORS | GROUND


def test_every_folder_with_python_is_a_room():
    assert sorted({path.parent.name for path in PACKAGE.glob("*/*.py")}) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_owns(room):
    text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text()))
    assert re.match(r"[A-Z][^.]*\.", text), text


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_names_rooms_that_there_are_and_nothing_goes_in_a_circle(room):
    assert ALLOWED[room] - {TORCH} <= set(ROOMS)
    reachable(room)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_it_says_and_nothing_else(room):
    may = reachable(room) | {room} | GROUND
    for path in sorted((PACKAGE / room).rglob("*.py")):
        wrong = own_rooms(path) - may
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_all_that_it_names(room):
    """A line that promises less than it says is kept true."""
    used = set()
    for path in (PACKAGE / room).rglob("*.py"):
        used |= own_rooms(path)
        used |= {TORCH for name in imported(path) if name.split(".")[0] == TORCH}
    below = {inner for item in ALLOWED[room] - {TORCH} for inner in reachable(item)}
    assert not ALLOWED[room] & below, "named, and reached through another one anyway"
    assert ALLOWED[room] - used <= set(), f"never imported: {ALLOWED[room] - used}"


@pytest.mark.parametrize("room", ROOMS)
def test_torch_is_imported_where_tensors_are(room):
    if TORCH in ALLOWED[room]:
        return
    for path in (PACKAGE / room).rglob("*.py"):
        heavy = {name for name in imported(path) if name.split(".")[0] == TORCH}
        assert not heavy, f"{path.relative_to(ROOT)} imports {sorted(heavy)}"

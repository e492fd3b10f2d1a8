"""`validate`, `emit`, `--help` and the rest of the light half never import torch."""

import pytest
from support import NAMES, ROOT, python

BLOCKED = """
import sys
sys.modules["torch"] = None
from medt_gen.cli import main
sys.argv = ["medt-gen"]
try:
    status = main(sys.argv_given)
except SystemExit as exit:
    status = exit.code
loaded = [name for name in sys.modules if name.split(".")[0] == "torch"]
assert loaded == ["torch"], loaded
sys.exit(status)
"""

COMMANDS = [
    ["--help"],
    ["--version"],
    ["build", "--help"],
    ["validate", *(f"specs/{name}.yaml" for name in NAMES)],
    *(["emit", name] for name in NAMES),
    ["schema"],
    ["printouts", "tests/reference/seed.txt"],
    ["import", "tests/reference/golden/medt.repr.txt"],
    ["diff", "medt", "tests/reference/golden/medt.repr.txt"],
    ["explain", "shape-mismatch"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda item: " ".join(item[:2]))
def test_without_torch(command):
    code = BLOCKED.replace("sys.argv_given", repr(command))
    result = python(code, cwd=ROOT)
    assert result.returncode == 0, result.stderr


def test_importing_the_package_is_light():
    heavy = ("torch", "yaml", "jsonschema", "jinja2", "rich", "numpy")
    code = f"import sys, medt_gen\nassert not set({heavy}) & set(sys.modules)"
    assert python(code).returncode == 0


def test_imports_run_one_way():
    """The stages in their order; a file imports only from stages before it."""
    import ast

    stages = [
        ("diagnostics", "names", "scalars", "reserved", "problems"),
        ("document", "expressions", "files", "printout", "explanations"),
        ("terms", "spans", "shipped"),
        ("flow", "reading", "declarations", "catalog"),
        ("declare", "declare_flow", "compose", "overrides"),
        ("library", "network"),
        ("resolve",),
        ("loading", "schema"),
        ("emitter",),
        ("writing", "render", "printed", "flows"),
        ("importer", "checkpoint", "sides"),
        ("layers", "builder", "measure", "report"),
        ("commands",),
        ("cli",),
    ]
    rank = {name: number for number, names in enumerate(stages) for name in names}
    package = ROOT / "medt_gen"
    for path in sorted(package.rglob("*.py")):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        if own in ("__init__", "pytest_plugin"):
            continue
        assert own in rank, f"{own} has no place in the order of the stages"
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            parts = node.module.split(".")
            if parts[0] != "medt_gen" or len(parts) < 2 or parts[1] not in rank:
                continue
            assert rank[parts[1]] <= rank[own], f"{path.name} imports {node.module}"
            if own not in ("layers", "builder", "measure", "report", "commands"):
                assert parts[1] not in ("layers", "builder", "measure"), path


def test_torch_is_imported_where_tensors_are():
    import ast

    allowed = {"builder.py", "measure.py"}
    for path in sorted((ROOT / "medt_gen").rglob("*.py")):
        if path.name in allowed or path.parent.name in ("layers", "bench"):
            continue
        for node in ast.parse(path.read_text()).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(name.split(".")[0] == "torch" for name in names), path

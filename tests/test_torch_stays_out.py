"""`validate`, `emit`, `--help` and the rest of the light half never import torch."""

import pytest
from support import ROOT, SHIPPED, python

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
    ["validate", *(f"specs/{name}.yaml" for name in SHIPPED)],
    *(["emit", name] for name in SHIPPED),
    ["schema"],
    ["show", "gated"],
    ["summary", "medt"],
    ["summary", "medt", "--by", "branch", "--json"],
    ["printouts", "tests/reference/seed.txt"],
    ["import", "tests/reference/golden/medt.repr.txt"],
    ["diff", "medt", "tests/reference/golden/medt.repr.txt"],
    ["explain", "shape-mismatch"],
    ["explain", "AxialBlock"],
    ["list"],
    ["completion", "fish"],
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

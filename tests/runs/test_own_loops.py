"""docs/training.md: its loops are run as they stand there, its commands are parsed."""

import re
import shlex

import pytest
from support import ROOT

from medt_gen.cli import command_parser

pytestmark = pytest.mark.training

PAGE = (ROOT / "docs" / "training.md").read_text()
LOOPS = re.findall(r"<!-- loop: (\w+) -->\n+```python\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_three():
    assert [name for name, _ in LOOPS] == ["torch", "Lightning", "MONAI"]


@pytest.mark.parametrize(("name", "text"), LOOPS, ids=[name for name, _ in LOOPS])
def test_a_loop(name, text, tmp_path, monkeypatch):
    assert len(text.splitlines()) < 30
    monkeypatch.chdir(tmp_path)
    found = {}
    exec(compile(text, f"<{name}>", "exec"), found)
    model = found["network"]
    gates = [p for n, p in model.named_parameters() if n.endswith(".f_qr")]
    assert gates and all(gate.requires_grad for gate in gates)
    assert any(gate.item() != pytest.approx(0.1, abs=1e-9) for gate in gates)


def commands():
    """The commands of medt-gen in the page, whole lines."""
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.search(r"(?:-m medt_gen|^medt-gen) (.*)", line)
            if found:
                yield found[1]


@pytest.mark.parametrize("line", list(commands()))
def test_a_command_of_the_page_is_one(line):
    command_parser().parse_whole(shlex.split(line))


def test_the_page_has_commands():
    assert len(list(commands())) >= 9

"""From one's own loop: each of docs/how-to/train.md's three, run as it stands there."""

import re

import pytest
from support import ROOT

pytestmark = pytest.mark.training

PAGE = (ROOT / "docs" / "how-to" / "train.md").read_text()
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

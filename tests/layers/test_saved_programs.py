"""What `torch.export` saves is loaded in another process, and computes the same."""

import pytest
import torch
from support import python

import medt_gen
from layers.pairs import KINDS, pair

pytestmark = pytest.mark.slow

LOAD = """
import sys, torch
for name in sys.argv[1:]:
    program = torch.export.load(f"{name}.pt2").module()
    x, expected = torch.load(f"{name}.values")
    torch.testing.assert_close(program(x), expected, rtol=1e-4, atol=1e-5, msg=name)
assert "medt_gen" not in sys.modules
"""
SMALL = {
    "axialunet": ("input.size=32",),
    "gated": ("input.size=32",),
    "logo": ("input.size=64", "forward.local.patches.grid=[2, 2]"),
    "medt": ("input.size=64", "forward.local.patches.grid=[2, 2]"),
}


def save(model, image, path, *, dynamic, grad=False):
    """Export for a batch of two images; the values are those of another batch."""
    model.eval()
    shapes = ({0: torch.export.Dim("batch", max=8)},) if dynamic else None
    two = torch.stack((image, -image))
    x = torch.stack((image / 2, image, 2 * image)) if dynamic else two / 2
    with torch.set_grad_enabled(grad):
        program = torch.export.export(model, (two,), dynamic_shapes=shapes)
    torch.export.save(program, f"{path}.pt2")
    with torch.no_grad():
        torch.save((x, model(x)), f"{path}.values")


def load_in_a_fresh_process(folder):
    names = sorted(path.stem for path in folder.glob("*.pt2"))
    assert names
    result = python(LOAD, *names, cwd=folder)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_saved_layer_is_loaded_and_computes_the_same(dynamic, tmp_path):
    torch.manual_seed(0)
    for kind in KINDS:
        for grad in (False, True):
            layer, _ = pair(kind, 8, 2, 5, dtype=torch.float32)
            path = tmp_path / f"{kind}-{grad}"
            save(layer, torch.randn(8, 5, 4), path, dynamic=dynamic, grad=grad)
    load_in_a_fresh_process(tmp_path)


@pytest.mark.parametrize(
    ("name", "dynamic"),
    [("axialunet", False), ("gated", True), ("logo", False), ("medt", True)],
)
def test_a_saved_network_is_loaded_and_computes_the_same(name, dynamic, tmp_path):
    torch.manual_seed(0)
    model = medt_gen.build(medt_gen.load(name, overrides=SMALL[name]))
    size = 32 if name in ("axialunet", "gated") else 64
    save(model, torch.rand(3, size, size), tmp_path / name, dynamic=dynamic)
    load_in_a_fresh_process(tmp_path)

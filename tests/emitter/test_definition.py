"""`emit --attention definition`: the attention of the papers, and the same numbers."""

import ast
from pathlib import Path

import pytest
import torch
from support import SPECS, executed, run

import medt_gen
from medt_gen import layers

SMALL = """
medt-gen: 1
class: Small
input: {channels: 3, size: 16}
modules:
  stem: {type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
  whole: {type: Stage, block: AxialBlock_dynamic, planes: 8, heads: 2}
  plain: {type: Stage, block: AxialBlock, planes: 8, heads: 2}
  parts: {type: Stage, block: AxialBlock_wopos, planes: 8, heads: 2, stride: 2}
  head: {type: Conv2d, out_channels: 2, kernel_size: 1}
forward:
  skip: x | stem | whole | plain
  local:
    patches: {of: skip, grid: [2, 2], as: patch}
    forward: {out: patch | parts | upsample(2)}
  out: skip | add(local) | head
"""
PATCHED = ("input.size=64", "forward.local.patches.grid=[2, 2]")
NAMES = sorted(path.stem for path in SPECS.glob("*.yaml"))
LAYERS = Path(layers.__file__).parent


def spec_of(name):
    """A spec of the folder, at 64 pixels; or the small one."""
    if name == "small":
        return medt_gen.load(text=SMALL)
    path = SPECS / f"{name}.yaml"
    patched = "'patches'" in str(medt_gen.load(path).document)
    return medt_gen.load(path, overrides=PATCHED if patched else PATCHED[:1])


def both_forms(spec):
    """The network in both forms, from the same seed."""
    made = []
    for attention in ("fast", "definition"):
        source = medt_gen.emit(spec, attention=attention)
        torch.manual_seed(0)
        made.append(getattr(executed(source), spec.network.name)())
    return made


@pytest.mark.parametrize("name", ["small", *NAMES])
def test_it_prints_saves_and_begins_as_the_fast_form(name):
    fast, defined = both_forms(spec_of(name))
    assert str(fast) == str(defined)
    one, other = fast.state_dict(), defined.state_dict()
    assert list(one) == list(other)
    assert all(torch.equal(one[key], other[key]) for key in one)
    for mine, its in zip(fast.parameters(), defined.parameters(), strict=True):
        assert mine.requires_grad == its.requires_grad


@pytest.mark.parametrize("name", ["small", *NAMES])
@pytest.mark.parametrize("training", [True, False])
def test_it_computes_what_the_fast_form_computes(name, training):
    spec = spec_of(name)
    found = []
    for model in both_forms(spec):
        generator = torch.Generator().manual_seed(1)
        for key, tensor in model.named_buffers():
            if key.endswith("running_var"):
                tensor.uniform_(0.5, 1.5, generator=generator)
        x = torch.rand(2, *spec.network.root.input.numbers, generator=generator)
        y = model.double().train(training).requires_grad_(True)(x.double())
        (y * torch.rand(y.shape, generator=generator)).sum().backward()
        found.append((model, y.detach()))
    (fast, y), (defined, z) = found
    torch.testing.assert_close(z, y, rtol=1e-10, atol=1e-10)
    gradients = [p.grad for p in fast.parameters() if p.grad is not None]
    scale = max(gradient.abs().max().item() for gradient in gradients)
    for (key, one), other in zip(
        fast.named_parameters(), defined.parameters(), strict=True
    ):
        assert (one.grad is None) == (other.grad is None), key
        if one.grad is not None:
            close = {"rtol": 1e-10, "atol": 1e-10 * scale}
            torch.testing.assert_close(other.grad, one.grad, **close, msg=key)
    for (key, one), other in zip(fast.named_buffers(), defined.buffers(), strict=True):
        torch.testing.assert_close(other, one, rtol=1e-10, atol=1e-10, msg=key)


def test_the_layer_is_inlined_to_the_letter_with_its_whole_docstring():
    source = medt_gen.emit(spec_of("gated"), attention="definition")
    for file in ("axial_attention", "axial_dynamic"):
        text = (LAYERS / f"{file}.py").read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                assert ast.get_source_segment(text, node) in source, node.name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_fast_form_is_in_it(name):
    source = medt_gen.emit(spec_of(name), attention="definition")
    for word in ("Fast", "chunk_", "exp2", "addcmul", "scales", "statistics("):
        assert word not in source, word
    patches = "over_patches" in source
    assert ("PatchNorm" in source) == ("is_hooked" in source) == patches


def test_the_gates_still_open_by_epoch():
    _, model = both_forms(spec_of("medt"))
    gates = [p for key, p in model.named_parameters() if ".f_" in key]
    model.set_epoch(10)
    assert gates
    assert all(gate.requires_grad for gate in gates)


def test_the_file_says_the_option_and_is_checked_with_it(tmp_path, capsys):
    path = tmp_path / "gated.py"
    asked = ("emit", "gated", "--attention", "definition", "-o", path)
    assert run(capsys, *asked)[0] == 0
    header = ast.get_docstring(ast.parse(path.read_text()))
    assert header.endswith("--attention definition")
    assert run(capsys, *asked, "--check")[:2] == (0, "")
    status, changes, _ = run(capsys, "emit", "gated", "-o", path, "--check")
    assert status == 1
    assert "FastAxialAttention_dynamic" in changes
    assert run(capsys, *asked)[0] == 0  # written again, since nobody edited it


def test_it_is_compared_by_the_spec_inside(tmp_path, capsys):
    path = tmp_path / "gated.py"
    run(capsys, "emit", "gated", "--attention", "definition", "-o", path)
    assert run(capsys, "diff", "gated", path)[0] == 0
    assert run(capsys, "diff", "axialunet", path)[0] == 1


def test_other_forms_and_other_commands_refuse_it(capsys):
    status, _, error = run(capsys, "emit", "gated", "--attention", "slow")
    assert status == 2
    assert "invalid choice: 'slow'" in error
    assert run(capsys, "build", "gated", "--attention", "definition")[0] == 2
    spec = spec_of("small")
    with pytest.raises(ValueError, match='"fast" or "definition", not \'slow\''):
        medt_gen.emit(spec, attention="slow")
    with pytest.raises(TypeError):
        medt_gen.build(spec, attention="definition")

"""What every spec must do, shipped ones, drafts and variants alike."""

import ast
import copy
import json
import subprocess
import sys

import pytest
import torch
from support import (
    DRAFTS,
    GALLERY,
    GENERATED,
    NAMES,
    SHIPPED,
    SPECS,
    executed,
    tensors,
)

import medt_gen
from medt_gen.emitter.source import emit
from medt_gen.emitter.stamp import embedded_spec, is_untouched

_GRID2 = "forward.local.patches.grid=[2, 2]"
_GRID3 = "forward.local.patches.grid=[3, 3]"
_PATCHED = ("logo", "medt")

CASES = [
    *((str(SPECS / f"{name}.yaml"), ()) for name in SHIPPED),
    *((str(path), ()) for path in sorted(DRAFTS.glob("*.yaml"))),
    *((name, (f"input.size={size}",)) for name in NAMES[:2] for size in (64, 96, 256)),
    *((name, ("input.size=256",)) for name in _PATCHED),
    *((name, ("input.size=64", _GRID2)) for name in _PATCHED),
    *((name, ("input.size=96", _GRID3)) for name in _PATCHED),
    *((name, ("input.size=[128, 256]",)) for name in NAMES),
    *((name, ("input.channels=1", "params.classes=5")) for name in NAMES),
]
GALLERY_CASES = [(str(path), ()) for path in GALLERY]


# Of a module, so that all tests of one spec come one after the other and share it.
@pytest.fixture(
    scope="module",
    params=[*CASES, *(pytest.param(x, marks=pytest.mark.slow) for x in GALLERY_CASES)],
    ids=lambda case: " ".join((case[0].split("/")[-1], *case[1])),
)
def spec(request):
    path, overrides = request.param
    return medt_gen.load(path, overrides=overrides)


@pytest.fixture(scope="module")
def source(spec):
    """The standalone file."""
    return medt_gen.emit(spec)


@pytest.fixture(scope="module")
def model(spec):
    """The network, for tests that leave it as it is."""
    return medt_gen.build(spec)


def example(spec, batch=1):
    generator = torch.Generator().manual_seed(7)
    return torch.rand(batch, *spec.network.root.input.numbers, generator=generator)


def test_runtime_and_standalone_agree_to_the_bit(spec, source):
    torch.manual_seed(1)
    built = medt_gen.build(spec)
    torch.manual_seed(1)
    alone = getattr(executed(source), spec.network.name)()
    assert str(built) == str(alone)
    first, second = built.state_dict(), alone.state_dict()
    assert list(first) == list(second)
    assert all(torch.equal(first[key], second[key]) for key in first)
    x = example(spec)
    with torch.no_grad():
        pairs = zip(tensors(built.eval()(x)), tensors(alone.eval()(x)), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_every_inferred_shape_is_the_real_one(spec, model):
    """Hooks on every module see the shapes that inference computed without torch."""
    model = copy.deepcopy(model).eval()
    seen: dict[str, tuple[int, ...]] = {}

    def watch(name):
        def hook(_module, _input, output):
            seen.setdefault(name, output.shape[1:])

        return hook

    for name, module in model.named_children():
        module.register_forward_hook(watch(name))
    with torch.no_grad():
        given = tensors(model(example(spec)))
    outputs = spec.network.root.flow.outputs
    shapes = [spec.network.root.output]
    if outputs is not None:
        shapes = [item.shape for item in outputs.items]
    assert [tuple(x.shape[1:]) for x in given] == [shape.numbers for shape in shapes]
    for module in spec.network.root.modules:
        expected = module.shapes.after.numbers if module.shapes else None
        found = seen.get(module.name)
        assert (tuple(found) if found is not None else None) == expected, module.name


def test_costs_are_the_real_ones(spec, model):
    cost = spec.network.root.cost
    assert cost.parameters == sum(p.numel() for p in model.parameters())


def test_the_two_sources_differ_in_the_layers_alone(spec, source):
    """The class definitions are byte-equal; the switch is the imports."""

    def classes(source):
        tree = ast.parse(source)
        own = {block.declaration.name for block in spec.network.blocks}
        own.add(spec.network.name)
        return [
            ast.get_source_segment(source, node)
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and (node.name in own or node.name.removesuffix("_2") in own)
        ]

    runtime = emit(spec, standalone=False)
    assert classes(runtime)
    assert classes(runtime) == classes(source)
    assert "medt_gen" not in "".join(
        line for line in source.splitlines(True) if line.startswith(("import", "from"))
    )


def test_emission_is_deterministic_and_stamped(spec, source):
    assert source == medt_gen.emit(spec)
    assert is_untouched(source)
    assert embedded_spec(source) == spec.document


def test_the_embedded_spec_gives_the_same_network(spec, source, model):
    again = medt_gen.load(text=json.dumps(embedded_spec(source)))
    assert str(medt_gen.build(again)) == str(model)


def test_a_training_step_reaches_every_parameter_that_is_used(spec, model):
    model = copy.deepcopy(model).train()
    sum(x.square().mean() for x in tensors(model(example(spec)))).backward()
    unused = {m.name for m in spec.network.root.modules if not m.calls}
    for name, parameter in model.named_parameters():
        if name.split(".")[0] in unused or ".conv1." in name:
            continue
        assert (parameter.grad is not None) == parameter.requires_grad, name


@pytest.mark.parametrize(
    "cases",
    [
        # Linters and type checkers of their own: half a minute for a few files.
        pytest.param(CASES, id="shipped", marks=pytest.mark.slow),
        pytest.param(GALLERY_CASES, id="gallery", marks=pytest.mark.slow),
    ],
)
def test_emitted_files_are_clean(cases, tmp_path):
    """ruff, with its own defaults, on every emitted file; mypy on those of each spec."""
    (tmp_path / "as_written").mkdir()
    for number, (path, overrides) in enumerate(cases):
        source = medt_gen.emit(medt_gen.load(path, overrides=overrides))
        folder = tmp_path if overrides else tmp_path / "as_written"
        (folder / f"network_{number}.py").write_text(source)
    for name in NAMES if cases is CASES else ():
        source = medt_gen.emit(medt_gen.load(name), attention="definition")
        (tmp_path / "as_written" / f"{name}_by_definition.py").write_text(source)
    for command in (
        ["ruff", "check", "--isolated", "."],
        ["ruff", "format", "--isolated", "--check", "--diff", "."],
        ["mypy", "--strict", "as_written"],
    ):
        result = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


@pytest.mark.parametrize("name", SHIPPED)
def test_generated_is_fresh(name):
    source = (GENERATED / f"{name}.py").read_text()
    spec = medt_gen.load(SPECS / f"{name}.yaml")
    network = executed(source)
    torch.manual_seed(3)
    committed = getattr(network, spec.network.name)().state_dict()
    torch.manual_seed(3)
    fresh = medt_gen.build(spec).state_dict()
    assert all(torch.equal(committed[key], fresh[key]) for key in fresh)


def test_the_spec_of_medt_is_short():
    assert len((SPECS / "medt.yaml").read_text().splitlines()) <= 70


@pytest.mark.parametrize("name", _PATCHED)
def test_sixteen_patches_do_not_fit_64_pixels(name):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(name, overrides=["input.size=64"])
    (found,) = caught.value.diagnostics
    assert "[N, 256, 1, 1]" in found.message
    assert found.place.text == "64"
    assert any("[N, 256, 2, 2] and [N, 256, 1, 1]" in x.message for x in found.notes)
    assert "128" in found.help

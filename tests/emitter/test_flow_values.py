"""Values of operations that parameters give: `forward` has them from the class."""

from __future__ import annotations

import pytest
import torch
from support import executed, standalone
from torch.nn import functional as F

import medt_gen

HEAD = "medt-gen: 1\ninput: {channels: 2, size: 8}\n"


def outputs(text: str, *options: str) -> list[torch.Tensor]:
    """What the built network and the standalone file make of one image."""
    spec = medt_gen.load(text=text, overrides=options)
    x = torch.rand(1, 2, 8, 8, generator=torch.Generator().manual_seed(3))
    return [model.eval()(x) for model in (medt_gen.build(spec), standalone(spec))]


IMAGE = torch.rand(1, 2, 8, 8, generator=torch.Generator().manual_seed(3))


def enlarged(x: torch.Tensor, *factors: object) -> torch.Tensor:
    for factor in factors:
        x = F.interpolate(x, scale_factor=factor, mode="bilinear")
    return x


FLOWS = {
    "a number": ("{f: 2}", "upsample($f)", "{type: Up, f: 3}", (2, 3)),
    "an expression": ("{f: 1}", "upsample(2 * $f)", "{type: Up, f: 2}", (2, 4)),
    "a list": ("{f: 1}", "upsample([$f, 2])", "{type: Up, f: 2}", ((1, 2), (2, 2))),
    "a module's name": ("{act: 2}", "upsample($act)", "{type: Up, act: 3}", (2, 3)),
    "an attribute of every module": (
        "{training: 2}",
        "upsample($training)",
        "{type: Up, training: 3}",
        (2, 3),
    ),
    "the channels": ("{f: 1}", "upsample($f * $in_channels)", "{type: Up}", (2, 2)),
}


@pytest.mark.parametrize("what", FLOWS)
def test_each_use_of_a_block_has_its_own_value(what: str) -> None:
    params, step, second, factors = FLOWS[what]
    text = HEAD + (
        f"blocks:\n  Up:\n    params: {params}\n    modules: {{act: ReLU}}\n"
        f'    forward: {{out: "x | act | {step}"}}\n'
        f"modules: {{first: Up, second: {second}}}\n"
        "forward: {out: x | first | second}\n"
    )
    for made in outputs(text):
        torch.testing.assert_close(made, enlarged(IMAGE, *factors))


def test_a_parameter_of_the_network_is_one_of_its_class() -> None:
    text = HEAD + (
        "params: {slope: 0.2}\nmodules: {conv: {type: Conv2d, out_channels: 2, "
        "kernel_size: 1}}\nforward: {out: x | conv | leaky_relu($slope)}\n"
    )
    spec = medt_gen.load(text=text)
    network = getattr(executed(medt_gen.emit(spec)), spec.network.name)
    torch.manual_seed(0)
    model, steep = network(), None
    torch.manual_seed(0)
    steep = network(slope=0.5)
    inner = model.conv(IMAGE)
    torch.testing.assert_close(model(IMAGE), F.leaky_relu(inner, 0.2))
    torch.testing.assert_close(steep(IMAGE), F.leaky_relu(inner, 0.5))


def test_values_that_no_expression_gives_are_kept_as_well() -> None:
    """Two uses inside one block, each with a number of its own."""
    text = HEAD + (
        "blocks:\n"
        "  Up: {params: {f: int}, modules: {act: ReLU}, "
        'forward: {out: "x | act | upsample($f)"}}\n'
        "  Both: {modules: {a: {type: Up, f: 2}, b: {type: Up, f: 3}}, "
        "forward: {out: x | a | b}}\n"
        "modules: {both: Both}\nforward: {out: x | both}\n"
    )
    for made in outputs(text):
        torch.testing.assert_close(made, enlarged(IMAGE, 2, 3))

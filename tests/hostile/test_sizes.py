"""Specs that claim more than any machine holds: refused by arithmetic, at once."""

from __future__ import annotations

import pytest

import medt_gen
from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.resolve.scope import Limits

HEAD = "medt-gen: 1\ninput: {channels: 8, size: 16}\n"
CONV = "{type: Conv2d, out_channels: 8, kernel_size: 1}"


def refused(text: str, head: str = HEAD) -> str:
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=head + text)
    return str(caught.value)


def blocks(levels: int, width: int) -> str:
    """Blocks that hold `width` of the one before: `width ** levels` layers."""
    text = f"blocks:\n  B0: {{modules: {{c: {CONV}}}, forward: {{out: x | c}}}}\n"
    names = [f"m{i}" for i in range(width)]
    for level in range(1, levels):
        inner = ", ".join(f"{name}: B{level - 1}" for name in names)
        pipe = " | ".join(["x", *names])
        text += f"  B{level}: {{modules: {{{inner}}}, forward: {{out: {pipe}}}}}\n"
    return f"{text}modules: {{top: B{levels - 1}}}\nforward: {{out: x | top}}\n"


CASES = {
    "width": (
        "modules: {a: {type: Conv2d, out_channels: 1000000000, kernel_size: 9}}\n"
        "forward: {out: x | a}",
        "the network would have 649,000,000,000 parameters, and the limit is "
        "2,000,000,000",
    ),
    "depth": (
        f"blocks: {{B: {{modules: {{c: {CONV}}}, forward: {{out: x | c}}}}}}\n"
        "modules: {s: {type: Stage, block: B, depth: 1000000}}\n"
        "forward: {out: x | s}",
        "`s` repeats its block 1,000,000 times: more than 100,000 modules",
    ),
    "nested blocks": (
        blocks(18, 9),
        "modules, and the limit is 100,000",
    ),
    "kernel": (
        "modules: {a: {type: Conv2d, out_channels: 1, kernel_size: 2147483647, "
        "padding: 2147483647}}\nforward: {out: x | a}",
        "the limit is 2,000,000,000",
    ),
    "patches": (
        f"modules: {{c: {CONV}}}\nforward:\n  cut:\n    patches: {{of: x, grid: "
        "[2147483647, 2147483647], as: p}\n    forward: {out: p | c}\n  out: cut",
        "2147483647 patches do not divide a height of 16",
    ),
    "factors": (
        "modules: {}\nforward: {out: x" + " | upsample(2147483647)" * 2_000 + "}",
        "this value would have more than 2^63 elements",
    ),
    "features": (
        "modules: {f: {type: Linear, out_features: 2147483647}}\n"
        "forward: {out: x | flatten() | f}",
        "the network would have 4,400,193,992,703 parameters",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused_by_arithmetic(case, calls) -> None:
    text, said = CASES[case]

    def run() -> None:
        assert said in refused(text)

    assert calls(run) < 3_000_000


def test_depth_is_counted_in_modules(calls) -> None:
    text = "modules: {s: {type: Stage, block: AxialBlock, planes: 16, depth: 999}}\n"
    text += "forward: {out: x | s}"

    def run() -> None:
        with pytest.raises(InvalidInput, match="`s` holds more than 1,000 modules"):
            load(text=HEAD + text, limits=Limits(modules=1_000))

    assert calls(run) < 300_000


def test_span_is_squared_in_the_buffers(calls) -> None:
    head = "medt-gen: 1\ninput: {channels: 8, size: [1000000, 1]}\n"
    text = "modules: {a: {type: AxialAttention, axis: height, heads: 4}}\n"
    text += "forward: {out: x | a}"
    message = refused(text, head)
    assert "1,000,000,000,091 values in buffers, and the limit is 2,000" in message
    assert "--limit buffers=1000000000091" in message


def test_a_huge_input(calls) -> None:
    largest = 2**63 - 1
    head = f"medt-gen: 1\ninput: {{channels: {largest}, size: {largest}}}\n"
    message = refused("modules: {}\nforward: {out: x}", head)
    assert "this value would have more than 2^63 elements" in message


def test_expressions_do_not_grow_without_end(calls) -> None:
    """Each step of a block would make the expression of the size longer."""
    steps = " | avg_pool(2) | upsample(2)" * 400
    text = (
        f"blocks: {{B: {{modules: {{c: {CONV}}}, forward: {{out: x | c{steps}}}}}}}\n"
    )
    text += "modules: {b: B}\nforward: {out: x | b}"

    def run() -> None:
        medt_gen.emit(medt_gen.load(text=HEAD + text))

    # Emitting tries some sizes of the input, each about as much work as resolving.
    assert calls(run) < 8_000_000


def test_long_flows_take_time_in_proportion(calls) -> None:
    """Twice the pipes, about twice the work: nothing quadratic."""

    def text(count: int) -> str:
        pipes = "".join(f"  v{i}: v{i - 1} | r\n" for i in range(count, 0, -1))
        return (
            f"{HEAD}modules: {{r: {{type: ReLU, inplace: true}}}}\nforward:\n{pipes}"
            f"  v0: x | relu()\n  out: v{count}\n"
        )

    small, large = (
        calls(lambda count=count: medt_gen.load(text=text(count)))
        for count in (300, 1_200)
    )
    assert large < 5 * small


def test_wide_classes_take_time_in_proportion(calls) -> None:
    """Four times the modules, about four times the work, emission included."""

    def text(count: int) -> str:
        modules = "".join(f"  m{i}: {CONV}\n" for i in range(count))
        pipe = " | ".join(["x", *(f"m{i}" for i in range(count))])
        return f"{HEAD}modules:\n{modules}forward:\n  out: {pipe}\n"

    medt_gen.emit(medt_gen.load(text=text(1)))
    small, large = (
        calls(lambda count=count: medt_gen.emit(medt_gen.load(text=text(count))))
        for count in (100, 400)
    )
    assert large < 5 * small


def test_modules_nested_too_deep() -> None:
    inner = "ReLU"
    for _ in range(45):
        inner = f"{{type: Sequential, modules: [{inner}]}}"
    message = refused(f"modules: {{a: {inner}}}\nforward: {{out: x | a}}")
    assert "modules and patches are nested more than 40 deep" in message


def test_blocks_nested_too_deep() -> None:
    assert "blocks are nested more than 20 deep" in refused(blocks(30, 1))


def test_one_module_called_with_very_many_shapes(calls) -> None:
    """Each call is another instance of the block: their number is limited."""
    body = "{modules: {r: ReLU}, forward: {out: x | r}}"
    pipes = "".join(
        f"  v{i}: x | upsample([{i}, 1]) | b | mean()\n" for i in range(1, 2_500)
    )
    text = f"blocks: {{B: {body}}}\nmodules: {{b: B}}\nforward:\n{pipes}  out: x\n"
    assert "blocks are used in more than 2,000 different ways" in refused(text)


def test_limits_can_be_raised(command) -> None:
    options = ["--set", "modules.layer1.depth=300", "--limit", "modules=1000"]
    code, text = command("validate", "axialunet", *options)
    assert code == 1
    assert "holds more than 1,000 modules" in text
    options[-1] = "modules=10,000"
    assert command("validate", "axialunet", *options)[0] == 0


@pytest.mark.parametrize(
    "option", ["modules", "modules=-1", "speed=3", "modules=1e9", ""]
)
def test_limits_are_numbers(command, option) -> None:
    code, text = command("validate", "medt", "--limit", option)
    assert code == 2
    assert text.startswith("error[usage]: --limit takes one of modules")

"""Random specs whose flows join and cut values of several sizes."""

from hypothesis import strategies as st

SIZES = (32, 16, 8, 4)


@st.composite
def flows(draw):
    """The text of a spec with a random flow; it is valid."""
    modules, steps = [], []
    values = {"x": 0}
    for number in range(draw(st.integers(1, 9))):
        steps.append(_step(draw, number, values, modules, "x"))
    if draw(st.booleans()):
        steps.append(_region(draw, values, modules))
    last = list(values)[-1]
    steps.append(f"out: {last}{_larger(values[last])} | head")
    modules.append("head: {type: Conv2d, out_channels: 2, kernel_size: 1}")
    return _text(modules, steps)


def _step(draw, number, values, modules, first):
    source = draw(st.sampled_from(list(values)))
    level = values[source]
    name = f"{first}{number}"
    move = draw(st.sampled_from(("same", "down", "up")))
    pipe = [source]
    if move == "down" and level + 1 < len(SIZES):
        level += 1
        modules.append(
            f"c{name}: {{type: Conv2d, out_channels: {4 + number}, kernel_size: 3, "
            "stride: 2, padding: 1}"
        )
    else:
        modules.append(
            f"c{name}: {{type: Conv2d, out_channels: {4 + number}, kernel_size: 1}}"
        )
        if move == "up" and level > min(values.values()):
            level -= 1
            pipe.append("upsample(2)")
    pipe.append(f"c{name}")
    others = [other for other in values if values[other] == level]
    for other in draw(st.lists(st.sampled_from(others), max_size=2)) if others else []:
        pipe.append(f"concat({other})")
    if draw(st.booleans()):
        pipe += ["relu()", f"d{name}"]
        modules.append(f"d{name}: {{type: Conv2d, out_channels: 6, kernel_size: 1}}")
    values[name] = level
    return f"{name}: {' | '.join(pipe)}"


def _region(draw, values, modules):
    inner = {"patch": 1}
    steps = [
        _step(draw, number, inner, modules, "p")
        for number in range(draw(st.integers(1, 4)))
    ]
    last = list(inner)[-1]
    lines = [
        "local:",
        "  patches: {of: x, grid: [2, 2], as: patch}",
        "  forward:",
        *(f"    {step}" for step in steps),
        f"    out: {last}{_larger(inner[last] - 1)}",
    ]
    values["local"] = 0
    return "\n  ".join(lines)


def _larger(times):
    return f" | upsample({2**times})" if times else ""


def _text(modules, steps):
    return "\n".join(
        [
            "medt-gen: 1",
            "class: Random",
            "input: {channels: 3, size: 32}",
            "modules:",
            *(f"  {module}" for module in modules),
            "forward:",
            *(f"  {step}" for step in steps),
        ]
    )

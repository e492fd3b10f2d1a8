"""What a constructor refuses is what the spec refuses: bounds, and what divides."""

import re

import pytest

import medt_gen
from medt_gen.algebra.expressions import Constant, Operation, Parameter
from medt_gen.emitter.checks import Bound, Divided

HEADS, DOUBLE = Parameter("heads"), Operation("*", (Constant(2), Parameter("heads")))


@pytest.mark.parametrize(
    ("kept", "refused", "taken", "condition", "wanted"),
    [
        (">=", (2, -1), (3, 4), "n < 3", "at least 3"),
        ("<=", (4, 9), (3, 0), "n > 3", "at most 3"),
        (">", (3, 2), (4, 3.5), "n <= 3", "above 3"),
    ],
)
def test_a_bound_says_in_python_what_it_refuses(
    kept, refused, taken, condition, wanted
):
    bound = Bound("n", kept, 3)
    assert (bound.condition, bound.wanted) == (condition, wanted)
    for value, wrong in [*((x, True) for x in refused), *((x, False) for x in taken)]:
        assert bound.refuses({"n": value}) is wrong
        assert eval(condition, {"n": value}) is wrong
    assert bound.refuses({"n": "a name"})


def test_what_divides_is_refused_where_a_rest_is_left():
    divided = Divided("heads", Constant(16), DOUBLE)
    assert divided.condition == "16 % (2 * heads)"
    assert divided.wanted == "2 * heads divides 16"
    for value in range(1, 12):
        wrong = bool(eval(divided.condition, {"heads": value}))
        assert divided.refuses({"heads": value}) is wrong
    for value in (0, "a name", 0.5):
        assert divided.refuses({"heads": value})
    assert Divided("heads", DOUBLE, HEADS).condition == "(2 * heads) % heads"
    assert divided.refuses({})


HEAD = "medt-gen: 1\nclass: Net\ninput: {channels: 8, size: 16}\n"


def conditions(modules, *pipe, params):
    """Where the constructor of a network raises, in order."""
    body = f"params: {{{params}}}\nmodules:\n"
    names = [f"m{number}" for number in range(len(modules))]
    body += "".join(
        f"  {name}: {text}\n" for name, text in zip(names, modules, strict=True)
    )
    spec = medt_gen.load(
        text=f"{HEAD}{body}forward: {{out: x | {' | '.join([*pipe, *names])}}}"
    )
    network = medt_gen.emit(spec).partition("# The network")[2].partition("\n\n\n")[0]
    return re.findall(r"^        if (.*):$", network, re.MULTILINE)


def conv(channels, **more):
    given = {"out_channels": channels, "kernel_size": 1, **more}
    text = ", ".join(f"{name}: {value}" for name, value in given.items())
    return f"{{type: Conv2d, {text}}}"


def group_norm(groups):
    return f"{{type: GroupNorm, num_groups: {groups}}}"


def test_the_tightest_of_several_bounds_is_the_one():
    drop = ["{type: Dropout, p: $rate}", "{type: LeakyReLU, negative_slope: $rate}"]
    assert conditions(drop, params="rate: 0.5") == ["rate < 0 or rate > 1"]
    assert conditions(drop[::-1], params="rate: 0.5") == ["rate < 0 or rate > 1"]


def test_of_what_a_parameter_has_to_divide_the_common_part_is_left():
    norms = [conv(24), group_norm("$g"), conv(16), group_norm("$g")]
    assert conditions(norms, params="g: 2") == ["g < 1 or 8 % g"]
    doubled = [conv(16), group_norm("2 * $g")]
    assert conditions(doubled, params="g: 2") == ["g < 1 or 16 % (2 * g)"]


def test_a_parameter_that_is_divided_is_checked_like_one_that_divides():
    assert conditions([conv("$wide"), group_norm(4)], params="wide: 8") == [
        "wide < 1 or wide % 4"
    ]
    assert conditions([conv("$wide"), group_norm(1)], params="wide: 8") == ["wide < 1"]


def test_a_factor_belongs_to_what_divides():
    attention = "{type: AxialAttention_wopos, axis: height, heads: $heads}"
    assert conditions([attention], params="heads: 2") == [
        "heads < 1 or 8 % (2 * heads)"
    ]


def test_what_two_parameters_share_is_checked_with_the_value_of_a_fixed_one():
    """`$depth` decides how many modules there are: the class does not take it."""
    body = [
        conv("$wide * $many"),
        group_norm("$many"),
        "{type: Stage, block: ReLU, depth: $many}",
    ]
    assert conditions(body, params="wide: 4, many: 2") == ["wide < 1 or (wide * 2) % 2"]


def test_each_of_two_parameters_is_refused_by_its_name():
    body = [conv("$wide"), group_norm("$groups")]
    assert conditions(body, params="wide: 8, groups: 2") == [
        "wide < 1 or wide % groups",
        "groups < 1 or wide % groups",
    ]


def test_a_default_counts_like_a_value_that_is_given():
    """Eight heads are the default, over channels that are a parameter."""
    body = [conv("$wide"), "{type: AxialAttention_wopos, axis: height}"]
    assert conditions(body, params="wide: 32") == ["wide < 1 or wide % 16"]

"""One class for each block, unless its uses differ in the types that they hold."""

import pytest

import medt_gen
from medt_gen.emitter.plan import module_types, plan_classes

# Not all that is declared is used.
pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

HEAD = "medt-gen: 1\nclass: Net\ninput: {channels: 8, size: 16}\n"
CONV = "{type: Conv2d, out_channels: 8, kernel_size: 1}"


def planned(body):
    """The plan of a network, and the network."""
    network = medt_gen.load(text=HEAD + body).network
    return plan_classes(network), network


def with_unit(params, modules, *given):
    """A block `Unit`, and the plan of a network that uses it with these arguments."""
    pipe = " | ".join(["x", *modules])
    uses = [
        f"  u{number}: {{{', '.join(['type: Unit', *arguments])}}}"
        for number, arguments in enumerate(given)
    ]
    lines = (
        "blocks:",
        "  Unit:",
        f"    params: {{{params}}}",
        "    modules:",
        *(f"      {name}: {text}" for name, text in modules.items()),
        f"    forward: {{out: {pipe}}}",
        "modules:",
        *uses,
        f"forward: {{out: x | {' | '.join(f'u{number}' for number in range(len(given)))}}}",
    )
    return planned("\n".join(lines))


def classes_of(plan, network):
    """The class that each module of the network is a use of."""
    return [plan.of(item.body.instance).python_name for item in network.root.modules]


def test_a_network_without_blocks_is_one_class():
    plan, network = planned(f"modules: {{a: {CONV}}}\nforward: {{out: x | a}}")
    (only,) = plan.classes
    assert plan.network is only is plan.of(network.root)
    assert (only.python_name, only.printed_name, only.is_network) == (
        "Net",
        "Net",
        True,
    )
    assert only.instances == (network.root,)


def test_uses_that_differ_in_numbers_are_one_class_with_an_instance_for_each():
    wide = {"a": "{type: Conv2d, out_channels: $wide, kernel_size: 1}"}
    plan, network = with_unit("wide: int", wide, ["wide: 4"], ["wide: 6"], ["wide: 8"])
    assert classes_of(plan, network) == ["Unit", "Unit", "Unit"]
    unit, own = plan.classes
    assert (unit.python_name, unit.is_network, own.is_network) == ("Unit", False, True)
    used = [item.body.instance for item in network.root.modules]
    assert list(unit.instances) == used


def test_equal_uses_are_one_instance():
    plan, network = with_unit("wide: 8", {"a": CONV}, ["wide: 3"], ["wide: 3"])
    assert [len(item.instances) for item in plan.classes] == [1, 1]
    assert classes_of(plan, network) == ["Unit", "Unit"]


ACT = {"act": "$act"}


def test_uses_that_differ_in_a_type_are_classes_that_print_the_same_name():
    plan, network = with_unit(
        "act: type", ACT, ["act: ReLU"], ["act: GELU"], ["act: ReLU"]
    )
    assert classes_of(plan, network) == ["Unit", "Unit_2", "Unit"]
    assert [item.printed_name for item in plan.classes] == ["Unit", "Unit", "Net"]


def test_uses_that_give_other_arguments_to_a_layer_are_classes_of_their_own():
    """A class writes the arguments that it states, for all its instances alike."""
    plan, network = with_unit(
        "act: type",
        ACT,
        ["act: BatchNorm2d"],
        ["act: {type: BatchNorm2d, eps: 0.1}"],
        ["act: {type: BatchNorm2d, momentum: 0.1}"],
        ["act: {type: BatchNorm2d, eps: 0.2}"],
    )
    assert classes_of(plan, network) == ["Unit", "Unit_2", "Unit", "Unit_2"]


MAYBE = {"a": CONV, "act": "{type: $act, when: $there}"}
MAYBE_PARAMS = "act: type, there: true"


def test_a_module_that_is_missing_in_one_use_makes_no_class_of_its_own():
    plan, network = with_unit(
        MAYBE_PARAMS, MAYBE, ["act: ReLU"], ["act: ReLU", "there: false"]
    )
    assert classes_of(plan, network) == ["Unit", "Unit"]


def test_where_a_module_is_missing_a_later_use_decides_its_type():
    """A class has the types of all its instances, not of the first alone."""
    plan, network = with_unit(
        MAYBE_PARAMS,
        MAYBE,
        ["act: ReLU", "there: false"],
        ["act: ReLU"],
        ["act: GELU"],
        ["act: GELU", "there: false"],
    )
    assert classes_of(plan, network) == ["Unit", "Unit", "Unit_2", "Unit"]


def test_containers_of_other_lengths_are_classes_of_their_own():
    blocks = f"blocks:\n  Inner: {{modules: {{c: {CONV}}}, forward: {{out: x | c}}}}\n"
    plan, network = planned(
        f"{blocks}  Unit:\n"
        "    params: {many: int}\n"
        "    modules: {a: {type: Stage, block: Inner, depth: $many}}\n"
        "    forward: {out: x | a}\n"
        "modules: {u: {type: Unit, many: 2}, v: {type: Unit, many: 3}}\n"
        "forward: {out: x | u | v}"
    )
    assert classes_of(plan, network) == ["Unit", "Unit_2"]


INSIDE = """
blocks:
  Inner: {params: {act: type}, modules: {act: $act}, forward: {out: x | act}}
  Unit:
    params: {act: type}
    modules:
      parts:
        type: Sequential
        modules: {first: {type: Inner, act: $act}}
    forward: {out: x | parts}
modules: {u: {type: Unit, act: %s}, v: {type: Unit, act: %s}}
forward: {out: x | u | v}
"""


def test_a_difference_inside_of_a_container_and_a_block_is_one_of_the_user():
    plan, network = planned(INSIDE % ("ReLU", "GELU"))
    assert classes_of(plan, network) == ["Unit", "Unit_2"]
    names = [item.python_name for item in plan.classes]
    assert sorted(names[:-1]) == ["Inner", "Inner_2", "Unit", "Unit_2"]
    alike, again = planned(INSIDE % ("ReLU", "ReLU"))
    assert classes_of(alike, again) == ["Unit", "Unit"]


def test_the_types_of_an_instance_are_found_by_path():
    plan, network = planned(INSIDE % ("ReLU", "GELU"))
    names = {
        id(instance): own.python_name
        for own in plan.classes
        for instance in own.instances
    }
    unit = network.root.module("v").body.instance
    assert module_types(unit, names) == {
        "parts": "Sequential of 1",
        "parts.first": plan.of(
            unit.modules[0].body.children[0].body.instance
        ).python_name,
    }
    assert module_types(network.root, names) == {"u": "Unit", "v": "Unit_2"}


@pytest.mark.parametrize("second", ["ReLU", "GELU"])
def test_used_classes_come_before_their_users_and_the_network_last(second):
    plan, _ = planned(INSIDE % ("ReLU", second))
    position = {id(own): index for index, own in enumerate(plan.classes)}
    assert plan.network is plan.classes[-1]
    for own in plan.classes[:-1]:
        for instance in own.instances:
            for module in instance.modules:
                for child in getattr(module.body, "children", ()):
                    used = plan.of(child.body.instance)
                    assert position[id(used)] < position[id(own)]


def test_two_blocks_of_equal_contents_are_two_classes():
    plan, network = planned(
        f"blocks:\n"
        f"  One: {{modules: {{c: {CONV}}}, forward: {{out: x | c}}}}\n"
        f"  Two: {{modules: {{c: {CONV}}}, forward: {{out: x | c}}}}\n"
        "modules: {u: One, v: Two, w: One}\n"
        "forward: {out: x | u | v | w}"
    )
    assert classes_of(plan, network) == ["One", "Two", "One"]


def printed_as(name, *others):
    """The classes of blocks that print this name."""
    blocks = [f"B{number}" for number in range(1 + len(others))]
    text = "blocks:\n"
    for block, printed in zip(blocks, (name, *others), strict=True):
        text += f"  {block}: {{class: {printed}, modules: {{c: {CONV}}}, forward: {{out: x | c}}}}\n"
    modules = ", ".join(f"m{number}: {block}" for number, block in enumerate(blocks))
    pipe = " | ".join(["x", *(f"m{number}" for number in range(len(blocks)))])
    plan, _ = planned(f"{text}modules: {{{modules}}}\nforward: {{out: {pipe}}}")
    return [(own.python_name, own.printed_name) for own in plan.classes[:-1]]


def test_a_class_takes_no_name_that_the_network_or_python_has():
    assert printed_as("Net") == [("Net_2", "Net")]
    assert printed_as("Same", "Same", "Same") == [
        ("Same", "Same"),
        ("Same_2", "Same"),
        ("Same_3", "Same"),
    ]
    assert printed_as("Same_2", "Same", "Same") == [
        ("Same_2", "Same_2"),
        ("Same", "Same"),
        ("Same_3", "Same"),
    ]

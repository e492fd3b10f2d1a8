"""A flow runs as it is written where it can, and each value after those that it reads."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medt_gen.messages.diagnostics import Source
from medt_gen.messages.problems import Problems
from medt_gen.resolve.order import Around, ordered_steps
from medt_gen.spec.keys import KeyContext
from medt_gen.spec.nodes import Key
from medt_gen.spec.read_flow import read_forward
from medt_gen.spec.yaml_events import parse_document


def ordered(text, input_name="x", **around):
    """The steps of a flow, in order, and what is found wrong with that order."""
    node = parse_document(Source("<flow>", text))
    context = KeyContext(Key("forward", node.place), node, Problems())
    steps = read_forward(node, context)
    problems = Problems()
    found = ordered_steps(steps, (input_name,), problems, Around(**around))
    return found, problems.in_order()


def names(text, **options):
    found, said = ordered(text, **options)
    assert said == []
    return [step.key.name for step in found.steps]


def refused(text, **options):
    """(names of the steps that are left, (code, marked text, line) of all complaints)."""
    found, said = ordered(text, **options)
    told = [(item.code, marked(item.place), item.place.line) for item in said]
    return [step.key.name for step in found.steps], told


def marked(place):
    line = place.source.text.split("\n")[place.line - 1]
    return line[place.column - 1 : place.end_column - 1]


def test_what_can_run_as_it_is_written_does():
    assert names("b: x\na: x\nc: a | add(b)\nout: c") == ["b", "a", "c", "out"]


def test_a_value_may_be_read_before_it_is_written():
    assert names("out: x | add(late)\nlate: x") == ["late", "out"]


def test_a_value_that_waited_goes_before_all_that_is_written_later():
    flow = "first: x | add(second)\nsecond: x\nthird: x\nout: first | add(third)"
    assert names(flow) == ["second", "first", "third", "out"]


def test_a_value_waits_for_all_that_it_reads():
    flow = "out: c | add(b, a)\na: b | add(c)\nb: c | concat(x)\nc: x"
    assert names(flow) == ["c", "b", "a", "out"]


def test_a_value_that_is_read_twice_is_waited_for_once():
    assert names("out: a | add(a) | concat(a)\na: x") == ["a", "out"]


PATCHES = "\n  patches: {of: late, grid: [2, 2], as: part}\n  forward: {out: part}\n"


def test_a_patch_step_reads_the_value_that_it_cuts():
    assert names(f"cut:{PATCHES}late: x\nout: cut") == ["late", "cut", "out"]


def test_every_read_is_counted():
    found, _ = ordered(f"late: x | add(x)\ncut:{PATCHES}out: cut | add(late, x)")
    assert found.reads == {"x": 3, "late": 2, "cut": 1}


NO_READS = {
    "a number": "add(2)",
    "a list": "add([2, 2])",
    "a parameter": "add($a)",
    "a keyword": "add(other=a)",
    "of an operation that takes no values": "upsample(a)",
    "of an operation that is not known": "nowhere(a)",
    "a module": "a",
}


@pytest.mark.parametrize("step", NO_READS.values(), ids=NO_READS)
def test_what_names_no_value_is_no_read(step):
    found, _ = ordered(f"out: x | {step}\na: out")
    assert [item.key.name for item in found.steps] == ["out", "a"]
    assert found.reads == {"x": 1, "out": 1}


def test_values_that_wait_for_each_other_are_one_mistake_at_the_first_of_them():
    left, told = refused("out: x | add(one)\none: two\ntwo: three\nthree: one")
    assert left == []
    assert told == [("circular-flow", "one", 2)]


def named(text):
    """The values that the one complaint of a flow names, in order."""
    _, (only,) = ordered(text)
    return re.findall(r"`(\w+)`", only.message)


def test_a_circle_is_named_without_what_leads_to_it():
    assert named("out: a | add(start)\nstart: x\na: b\nb: c\nc: b") == ["b", "c"]


def test_a_value_that_waits_for_itself_is_a_circle_of_one():
    left, told = refused("a: x | add(a)\nout: x | add(a)")
    assert (left, told) == ([], [("circular-flow", "a", 1)])
    assert named("a: x | add(a)\nout: x | add(a)") == ["a"]
    _, (alone,) = ordered("a: x | add(a)\nout: x | add(a)")
    _, (several,) = ordered("a: b\nb: a\nout: b")
    assert ("itself" in alone.message, "itself" in several.message) == (True, False)


def test_of_a_long_circle_ten_values_are_named():
    ring = [f"v{number:02}" for number in range(12)]
    after = dict(zip(ring, [*ring[1:], ring[0]], strict=True))
    flow = "\n".join(f"{name}: {after[name]}" for name in ring)
    assert named(f"{flow}\nout: v00") == ring[:10]


def test_what_a_circle_does_not_hold_up_runs():
    left, told = refused("a: b\nb: a\nleft: x\nright: left\nout: right | add(a)")
    assert left == ["left", "right"]
    assert [code for code, _, _ in told] == ["circular-flow"]


def test_an_unknown_value_is_found_where_it_is_read_and_its_step_runs():
    left, told = refused("a: nowhere\nout: a | add(gone, x)")
    assert left == ["a", "out"]
    assert told == [("unknown-value", "nowhere", 1), ("unknown-value", "gone", 2)]


def hint(text, **options):
    _, (only,) = ordered(text, **options)
    return only.help or ""


def test_a_value_with_a_name_like_it_is_offered_but_not_the_one_that_reads():
    assert "`skip`" in hint("skip: x\nout: skip | add(skp)")
    assert "`image`" in hint("out: imag", input_name="image")
    assert "`skip`" not in hint("skip: x | add(skp)\nout: skip")


def test_a_value_around_a_patch_step_is_told_to_be_out_of_sight():
    flow = "out: part | add(whole)"
    told = "a patch step"
    assert told in hint(flow, input_name="part", outer={"whole"})
    assert told not in hint(flow, input_name="part", outer={"other"})


def test_a_module_in_the_place_of_a_value_is_told_how_it_is_called():
    assert "`x | conv`" in hint("out: conv", modules=["conv"])
    assert "`x | conv`" not in hint("out: conv", modules=["norm"])


def test_what_could_not_be_read_is_left_out_and_missed_by_nobody():
    broken = "a: x | (\nunread: x\nout: x | add(a)"
    assert refused(broken) == (["unread", "out"], [])


def test_the_name_of_the_input_is_taken():
    left, told = refused("x: x | relu()\nout: x")
    assert left == ["out"]
    assert told == [("bad-name", "x", 1)]


def test_a_broken_pipe_of_the_inputs_name_is_one_mistake():
    assert refused("x: x | (\nout: x") == (["out"], [])


def test_another_name_for_the_input_leaves_x_free():
    assert names("x: image\nout: x", input_name="image") == ["x", "out"]


def test_a_flow_without_a_result_is_told_at_its_last_value():
    left, told = refused("first: x\nsecond: first")
    assert left == ["first", "second"]
    assert told == [("missing-key", "second", 2)]


def test_an_empty_flow_is_told_where_it_stands():
    place = parse_document(Source("<flow>", "{}")).place
    found, (only,) = ordered("{}", place=place)
    assert (found.steps, only.code, only.place) == ([], "missing-key", place)


def unread(text):
    found, _ = ordered(text)
    return [step.key.name for step in found.unread]


def test_a_value_that_nobody_reads_is_told_but_for_the_result():
    assert unread("a: x\nb: a\nc: b\nout: b\nd: out") == ["c", "d"]
    assert unread(f"late: x\ncut:{PATCHES}out: x | add(late)") == ["cut"]
    assert unread("x: x | relu()\na: x\nout: x") == ["a"]


KNOWN = {
    "a: x\nout: a": True,
    "a: x | add(a)\nout: x": True,
    "a: x\nout: x": True,
    "a: nowhere\nout: a": False,
    "a: x": False,
    "a: x | (\nout: a": False,
}


@pytest.mark.parametrize("text", KNOWN)
def test_where_a_name_is_not_known_a_value_may_have_been_meant_by_it(text):
    found, _ = ordered(text)
    assert found.known is KNOWN[text]


@st.composite
def flows(draw):
    """What each value reads, in written order; `out` is among them."""
    count = draw(st.integers(0, 6))
    written = draw(st.permutations([*(f"v{number}" for number in range(count)), "out"]))
    some = st.lists(st.sampled_from(["x", *written]), min_size=1, max_size=3)
    return {name: draw(some) for name in written}


def text_of(flow):
    return "\n".join(
        f"{name}: {first}" + (f" | add({', '.join(others)})" if others else "")
        for name, (first, *others) in flow.items()
    )


def first_that_can(flow):
    """The order by its definition: always the first written that has all it reads."""
    done = ["x"]
    while able := [
        name for name, reads in flow.items() if name not in done and {*reads} <= {*done}
    ]:
        done.append(able[0])
    return done[1:]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(flow=flows())
def test_every_value_comes_after_those_that_it_reads_and_as_early_as_it_is_written(
    flow,
):
    found, said = ordered(text_of(flow))
    order = [step.key.name for step in found.steps]
    for name in order:
        before = {"x", *order[: order.index(name)]}
        assert {*flow[name]} <= before
    assert order == first_that_can(flow)
    circles = [item for item in said if item.code == "circular-flow"]
    assert bool(circles) == (len(order) < len(flow))
    # Each of them is told once, and no value is in two.
    told = [name for item in circles for name in re.findall(r"`(\w+)`", item.message)]
    told += [item.message.split()[2] for item in circles if "`" not in item.message]
    assert len(told) == len(set(told))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(flow=flows())
def test_a_flow_that_is_written_in_its_order_stays_in_it(flow):
    found, _ = ordered(text_of(flow))
    order = [step.key.name for step in found.steps]
    again, _ = ordered(text_of({name: flow[name] for name in order}) or "{}")
    assert [step.key.name for step in again.steps] == order


@settings(max_examples=200, deadline=None, derandomize=True)
@given(flow=flows())
def test_the_values_of_a_circle_do_wait_for_themselves(flow):
    _, said = ordered(text_of(flow))
    for item in said:
        if item.code == "circular-flow":
            circle = re.findall(r"`(\w+)`", item.message)
            assert marked(item.place) == circle[0]
            for name, read in zip(circle, [*circle[1:], circle[0]], strict=True):
                assert read in flow[name]

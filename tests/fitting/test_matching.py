"""Which key is which: prefixes, renames of a kind, and what can't be decided."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medt_gen.fitting import renames
from medt_gen.fitting.edits import Edit, edit_between, rewritten
from medt_gen.fitting.matching import match

NORM = ("weight", "bias", "running_mean", "running_var")


def block(width):
    """The shapes of a residual block: two convolutions with norms, and a learned slope."""
    shapes = {}
    for number in (1, 2):
        shapes[f"conv{number}.weight"] = (width, width, 3, 3)
        shapes |= {f"bn{number}.{leaf}": (width,) for leaf in NORM}
    shapes["act.weight"] = (1,)
    return shapes


def network(blocks=2, widths=(8, 16, 32), stem="conv1", layer="layer{}"):
    shapes = {f"{stem}.weight": (8, 3, 7, 7)}
    for number, width in enumerate(widths, 1):
        for place in range(blocks):
            path = f"{layer.format(number)}.{place}"
            shapes |= {f"{path}.{key}": shape for key, shape in block(width).items()}
    shapes |= {"head.weight": (2, 32), "head.bias": (2,)}
    return shapes


def renamed(shapes, change):
    return {change(key): shape for key, shape in shapes.items()}


def replace_step(key, before, after):
    return ".".join(after if step == before else step for step in key.split("."))


PREFIXES = [
    "module.",
    "model.",
    "_orig_mod.",
    "_fsdp_wrapped_module.",
    "net.",
    "module._orig_mod.",
    "model.module.",
    "state.encoder.backbone.",
]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_is_taken_off_in_one_rule(prefix):
    wanted = network()
    found = match(renamed(wanted, lambda key: prefix + key), wanted)
    (rule,) = found.rules
    assert (rule.kind, rule.before, rule.after) == ("prefix", prefix, "")
    assert len(rule.keys) == len(wanted)
    assert found.pairs == {key: prefix + key for key in wanted}
    assert not found.missing
    assert not found.unexpected


def test_a_prefix_is_put_before():
    wanted = renamed(network(), lambda key: f"model.{key}")
    found = match(network(), wanted)
    (rule,) = found.rules
    assert (rule.kind, rule.before, rule.after) == ("prefix", "", "model.")
    assert not found.missing


def test_steps_of_wrappers_inside_of_paths_are_taken_out():
    wanted = network()
    stored = renamed(
        wanted, lambda k: k.replace("layer1.", "layer1._fsdp_wrapped_module.")
    )
    found = match(stored, wanted)
    assert not found.missing
    assert not found.unexpected


def test_keys_beside_the_prefix_are_left_over():
    wanted = network()
    stored = renamed(wanted, lambda key: f"model.{key}") | {"loss.weight": (3,)}
    found = match(stored, wanted)
    assert found.unexpected == ("loss.weight",)
    assert not found.missing


def test_a_wrapper_that_the_network_has_itself_is_no_prefix():
    wanted = renamed(network(), lambda key: f"module.{key}")
    found = match(wanted, wanted)
    assert found.rules == ()


RENAMES = {
    "act -> adn.A": (lambda k: replace_step(k, "act", "adn.A"), "act", "adn.A"),
    "bn* -> norm*": (lambda k: k.replace(".bn", ".norm"), "bn*", "norm*"),
    "layer* -> stages.*": (
        lambda k: k.replace("layer", "stages."),
        "layer*",
        "stages.*",
    ),
    "layer* -> stages.* -1": (
        lambda k: ".".join(
            f"stages.{int(s[5:]) - 1}" if s.startswith("layer") else s
            for s in k.split(".")
        ),
        "layer*",
        "stages.* -1",
    ),
    "conv* -> conv*.conv": (
        lambda k: ".".join(
            f"{s}.conv" if s.startswith("conv") else s for s in k.split(".")
        ),
        "conv*",
        "conv*.conv",
    ),
    "gone step": (lambda k: replace_step(k, "act", "x"), "act", "x"),
}


@pytest.mark.parametrize("name", RENAMES)
@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_rename_in_all_blocks_is_one_rule(name, prefix):
    change, before, after = RENAMES[name]
    stored = network()
    wanted = renamed(stored, change)
    found = match(renamed(stored, lambda key: prefix + key), wanted)
    assert found.pairs == {change(key): prefix + key for key in stored}
    rules = [rule for rule in found.rules if rule.kind == "rename"]
    assert [(rule.before, rule.after) for rule in rules] == [(before, after)]
    assert rules[0].evidence == "names"


def test_two_renames_at_once_are_two_rules():
    stored = network()

    def change(key):
        return key.replace("layer", "stages.").replace(".bn", ".norm")

    found = match(stored, renamed(stored, change))
    assert {(r.before, r.after) for r in found.rules} == {
        ("layer*", "stages.*"),
        ("bn*", "norm*"),
    }
    assert found.pairs == {change(key): key for key in stored}
    (norms,) = [rule for rule in found.rules if rule.before == "bn*"]
    assert norms.places == 12


def test_leaves_with_other_names_are_matched_key_by_key():
    stored = {
        f"b{k}.norm.{leaf}": (4 + k,) for k in range(3) for leaf in ("gamma", "beta")
    }
    wanted = {
        f"b{k}.norm.{leaf}": (4 + k,) for k in range(3) for leaf in ("weight", "bias")
    }
    found = match(stored, wanted)
    assert not found.missing
    assert {rule.evidence for rule in found.rules} == {"order"}
    assert found.pairs["b1.norm.bias"] == "b1.norm.beta"


def test_a_shape_that_occurs_once_is_evidence():
    stored = {"a.weight": (3, 5), "b.weight": (7, 2)}
    wanted = {"first.weight": (7, 2), "zeta.weight": (3, 5)}
    found = match(stored, wanted)
    assert found.pairs == {"zeta.weight": "a.weight", "first.weight": "b.weight"}
    assert {rule.evidence for rule in found.rules} == {"shapes"}


def test_what_rests_on_order_alone_is_marked():
    stored = {f"{name}.weight": (4, 4) for name in "abc"}
    wanted = {f"{name}.weight": (4, 4) for name in "xyz"}
    found = match(stored, wanted)
    assert found.pairs == {
        "x.weight": "a.weight",
        "y.weight": "b.weight",
        "z.weight": "c.weight",
    }
    assert {rule.evidence for rule in found.rules} == {"order"}


def test_two_names_for_two_others_rest_on_order():
    stored, wanted = {}, {}
    for k in range(4):
        stored |= {f"b.{k}.p.weight": (1,), f"b.{k}.q.weight": (1,)}
        wanted |= {f"b.{k}.first.weight": (1,), f"b.{k}.other.weight": (1,)}
    found = match(stored, wanted)
    assert {rule.evidence for rule in found.rules} == {"order"}
    assert found.pairs["b.2.first.weight"] == "b.2.p.weight"


def test_more_of_one_shape_than_of_the_other_is_ambiguous():
    stored = {f"{name}.weight": (4, 4) for name in "abc"}
    wanted = {f"{name}.weight": (4, 4) for name in "xy"}
    found = match(stored, wanted)
    assert found.pairs == {}
    (item,) = found.ambiguous
    assert item.sources == ("a.weight", "b.weight", "c.weight")
    assert item.targets == ("x.weight", "y.weight")
    assert found.missing == ("x.weight", "y.weight")


def test_another_shape_under_the_same_name_is_a_pair():
    found = match({"head.weight": (3, 8)}, {"head.weight": (2, 8)})
    assert found.pairs == {"head.weight": "head.weight"}


def test_a_prefix_for_most_keys_leaves_those_that_are_wanted_as_they_are():
    stored = {
        f"{part}.{number}.{layer}.weight": (2, place)
        for part, layers in (("enc", ("enc", "dec", "stem")), ("dec", ("dec",)))
        for number in range(2)
        for place, layer in enumerate(layers)
    }

    def change(key):
        return replace_step(key, "enc", "renamed.enc")

    found = match(stored, renamed(stored, change))
    assert found.pairs == {change(key): key for key in stored}


words = st.sampled_from(["enc", "dec", "stem", "block", "unit", "attn", "mlp", "proj"])


@st.composite
def trees(draw):
    """Shapes of a random tree of numbered blocks with named layers."""
    shapes = {}
    for part in draw(st.lists(words, min_size=1, max_size=3, unique=True)):
        layers = draw(st.lists(words, min_size=1, max_size=4, unique=True))
        width = draw(st.integers(2, 5))
        for number in range(draw(st.integers(1, 4))):
            for place, layer in enumerate(layers):
                path = f"{part}.{number}.{layer}"
                shapes[f"{path}.weight"] = (width, place + 1)
                shapes[f"{path}.bias"] = (width,)
    return shapes


@settings(max_examples=150, deadline=None)
@given(trees(), words, st.sampled_from(["", *PREFIXES]), st.booleans())
def test_a_renamed_step_is_recovered_or_said_to_be_ambiguous(
    tree, step, prefix, nested
):
    """What is paired without a mark is paired right; what is not sure is said."""
    after = f"renamed.{step}" if nested else f"renamed_{step}"

    def change(key):
        return replace_step(key, step, after)

    stored = {prefix + key: shape for key, shape in tree.items()}
    wanted = renamed(tree, change)
    found = match(stored, wanted)
    right = {change(key): prefix + key for key in tree}
    unsure = {
        name
        for rule in found.rules
        if rule.evidence == "order"
        for _, name in rule.keys
    }
    for name, key in found.pairs.items():
        assert right[name] == key or name in unsure
    told = {name for item in found.ambiguous for name in item.targets}
    assert set(found.missing) <= told


@settings(max_examples=100, deadline=None)
@given(trees())
def test_equal_sides_need_no_rule(tree):
    found = match(tree, tree)
    assert found.rules == ()
    assert found.pairs == {key: key for key in tree}


@pytest.mark.parametrize(
    ("source", "target", "edit"),
    [
        ("a.act", "a.adn.A", Edit("act", "adn.A")),
        ("m.bn1", "m.norm1", Edit("bn*", "norm*")),
        ("d.1.w", "d.0.w", Edit("d.*", "d.*", -1)),
        ("a.b", "a.x.b", Edit("a", "a.x")),
        ("a.x.b", "a.b", Edit("a.x", "a")),
        ("a.conv1", "a.conv-1", Edit("conv*", "conv-*")),
        ("layer1.c", "stages.0.c", Edit("layer*", "stages.*", -1)),
    ],
)
def test_edits_say_what_changed_and_do_it_again(source, target, edit):
    assert edit_between(source, target) == edit
    found = rewritten(edit, source)
    assert found is not None
    assert found[0] == target


def test_an_edit_makes_no_number_below_zero():
    assert rewritten(Edit("layer*", "stages.*", -1), "layer0.c") is None
    assert rewritten(Edit("a", "b"), "c") is None


def test_ten_times_the_keys_are_ten_times_the_work(monkeypatch):
    """Counted in pairs of paths that are looked at, up to 10,000 keys."""

    def looked_at(layers):
        count = 0

        def counted(source, target):
            nonlocal count
            count += 1
            return edit_between(source, target)

        monkeypatch.setattr(renames, "edit_between", counted)
        stored = {
            f"module.encoder.layers.{k}.m{m}.{leaf}": (16,)
            for k in range(layers)
            for m in range(5)
            for leaf in NORM
        }
        wanted = {
            key.removeprefix("module.").replace("layers", "blocks"): shape
            for key, shape in stored.items()
        }
        assert not match(stored, wanted).missing
        return count

    assert looked_at(500) < 12 * looked_at(50)

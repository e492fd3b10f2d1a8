"""`print(model)` against the reference printouts, on this torch and the ones before."""

import re

import pytest
from support import NAMES, REFERENCE, REFERENCES

import medt_gen
from medt_gen.printout import compare, find, parse


def folded(text: str) -> str:
    """Without line breaks and indentation, as the seed lost them."""
    return "".join(line.strip() for line in text.splitlines())


def seed_texts() -> dict[str, str]:
    """The seed's four dumps, as they are."""
    text = (REFERENCE / "seed.txt").read_text(encoding="utf-8")
    dumps = re.findall(r"^(?:ResAxialAttentionUNet|medt_net)\(\(.*\n\)", text, re.M)
    return dict(zip(NAMES, dumps, strict=True))


@pytest.fixture(params=REFERENCES, ids=lambda item: item.name)
def reference(request):
    return request.param


def norm_bias_added(printout: str) -> str:
    """What torch 2.13 and later print for the same model."""
    return re.sub(
        r"(BatchNorm\d?d\(.*?)affine=(\w+)", r"\1affine=\2, bias=\2", printout
    )


def test_print_equals_the_reference_character_for_character(reference):
    printed = str(medt_gen.build(reference.load()))
    assert printed in (reference.printout, norm_bias_added(reference.printout))


@pytest.mark.parametrize("printer", [str, norm_bias_added])
def test_no_printer_makes_a_difference(reference, printer):
    built = parse(str(medt_gen.build(reference.load())))
    assert compare(built, parse(printer(reference.printout))) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_is_the_seed(name):
    seed = seed_texts()[name]
    reference = next(item for item in REFERENCES if item.name == name)
    assert folded(reference.printout) == folded(seed)


@pytest.mark.parametrize("number", range(4))
def test_print_equals_the_seed(number):
    seed = find((REFERENCE / "seed.txt").read_text(encoding="utf-8"))[number]
    model = medt_gen.build(medt_gen.load(NAMES[number]))
    assert compare(parse(str(model)), seed.tree) == []


def test_one_changed_number_is_found(reference):
    changed = reference.printout.replace(
        "(decoder4): Conv2d(64,", "(decoder4): Conv2d(63,"
    )
    if changed == reference.printout:
        changed = changed.replace("(decoder4): Conv2d(128,", "(decoder4): Conv2d(127,")
    built = parse(str(medt_gen.build(reference.load())))
    differences = compare(built, parse(changed))
    assert [item.path for item in differences] == ["decoder4"]

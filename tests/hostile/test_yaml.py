"""YAML that exhausts, guesses or runs things elsewhere."""

from __future__ import annotations

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput


def refused(text: str, *codes: str) -> str:
    """The message for a text that is refused with these codes."""
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=text)
    found = [item.code for item in caught.value.diagnostics]
    assert found == list(codes) or not codes
    return str(caught.value)


def test_nesting_is_counted_before_it_is_followed(calls) -> None:
    work = calls(lambda: refused("[" * 100_000, "too-deep"))
    assert work < 20_000
    work = calls(lambda: refused("{a: " * 100_000, "too-deep"))
    assert work < 20_000
    assert refused("\n".join(" " * i + "a:" for i in range(500)), "too-deep") == (
        "<text>:101:101: error[too-deep]: values are nested more than 100 deep\n"
        "  help: write the spec flatter: no real one comes near this depth"
    )


def bomb(levels: int, width: int) -> str:
    lines = ["l0: &l0 [" + ", ".join(["x"] * width) + "]"]
    lines += [
        f"l{n}: &l{n} [" + ", ".join([f"*l{n - 1}"] * width) + "]"
        for n in range(1, levels)
    ]
    return "\n".join(lines)


def test_an_alias_bomb_is_never_unfolded(calls) -> None:
    work = calls(lambda: refused(bomb(9, 9), "too-large"))
    assert work < 20_000


def test_aliases_add_up_in_depth_too() -> None:
    text = "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 60 + "*a" + "]" * 60
    assert "<text>:2:64: error[too-deep]" in refused(text, "too-deep")


def test_a_value_that_holds_itself() -> None:
    assert refused("a: &a {b: *a}", "unknown-alias").startswith(
        "<text>:1:11: error[unknown-alias]: `*a` names no value that ends before it"
    )


@pytest.mark.parametrize("digits", [25, 5_000, 500_000])
def test_integers_of_many_digits_are_not_converted(digits, calls) -> None:
    work = calls(lambda: refused(f"medt-gen: {'9' * digits}", "bad-number"))
    assert work < 5_000


@pytest.mark.parametrize(
    "value",
    [
        "9223372036854775808",
        "-9223372036854775808",
        "0x8000000000000000",
        "1e999",
        "-.inf",
        ".NaN",
    ],
)
def test_numbers_beyond_what_can_be_computed(value) -> None:
    assert "error[bad-number]" in refused(f"title: {value}", "bad-number")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2021-01-01", "is the text '2021-01-01'"),
        ("1:30", "is the text '1:30'"),
        ("yes", "is the text 'yes'"),
        ("-3", "is -3"),
        ("0", "is 0"),
        ("true", "is true"),
        ("'16'", "is the text '16'"),
        ("16.0", "is 16.0"),
        ("~", "is nothing"),
    ],
)
def test_sizes_are_positive_integers(value, said) -> None:
    text = f"medt-gen: 1\ninput: {{channels: 3, size: {value}}}\nmodules: {{}}\n"
    text += "forward: {out: x}\n"
    message = refused(text, "wrong-value")
    assert f"`size:` must be an integer of at least 1, and {said}" in message


def test_yaml_1_2_words_are_strings() -> None:
    spec = medt_gen.load(
        text="medt-gen: 1\ntitle: no\nsource: 010x\ninput: {channels: 1, size: 010}\n"
        "modules: {}\nforward: {out: x}\n"
    )
    assert spec.title == "no"
    assert spec.network.root.input.numbers == (1, 10, 10)


@pytest.mark.parametrize(
    "text", ["\ud800", "title: a\udfffb", "\x00", "a: \x07", "a: \x7f", "\ufffe"]
)
def test_characters_that_yaml_forbids(text) -> None:
    message = refused(text, "yaml-syntax")
    assert "is not allowed in YAML" in message
    message.encode()


@pytest.mark.parametrize(
    "text",
    [
        "%YAML 9.9\n---\na: 1",
        "? a\n: b",
        "<<: {a: 1}",
        "a: [",
        "'",
        '"\\',
        "!",
        "&",
        "*",
    ],
)
def test_odd_yaml_ends_in_a_diagnostic(text) -> None:
    refused(text)


def test_the_number_of_problems_is_bounded(calls) -> None:
    text = "modules:\n" + "".join(f"  m{i}: Relu{i}\n" for i in range(3_000))

    def run() -> None:
        with pytest.raises(InvalidInput) as caught:
            medt_gen.load(text=text)
        assert len(caught.value.diagnostics) <= 101

    assert calls(run) < 1_500_000

"""A module that is written as in Python is shown as the spec would have it."""

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.resolve.python_calls import written_call

EXAMPLE = "write `{type: Conv2d, out_channels: 16, kernel_size: 3}`"
READ = {
    "Conv2d(3, 16, 3)": "{type: Conv2d, out_channels: 16, kernel_size: 3}",
    "nn.Conv2d(3, 16, kernel_size=(3, 1), padding='same')": (
        "{type: Conv2d, out_channels: 16, kernel_size: [3, 1], padding: same}"
    ),
    "torch.nn.ReLU(inplace=True)": "{type: ReLU, inplace: true}",
    " ReLU(True) ": "{type: ReLU, inplace: true}",
    "Softmax(dim=-1)": "{type: Softmax, dim: -1}",
    "Dropout(None)": "{type: Dropout, p: null}",
    "BatchNorm2d(64)": "BatchNorm2d",
    "ReLU()": "ReLU",
}


@pytest.mark.parametrize("text", READ)
def test_a_call_is_shown_by_name_without_what_is_inferred(text):
    assert written_call(text) == f"write `{READ[text]}`"


UNREAD = {
    "a layer that is not known": "Nowhere(3)",
    "an argument that it has not": "Conv2d(3, 16, 3, nowhere=2)",
    "more arguments than it has": "ReLU(True, False)",
    "a name": "Conv2d(3, width, 3)",
}


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_of_a_call_that_can_not_be_read_the_name_is_kept(text):
    name = text.partition("(")[0]
    assert written_call(text).startswith(f"write `{{type: {name}, ...}}`")


NO_CALLS = [
    "",
    "Conv2d",
    "Conv2d(",
    "(lambda: 3)()",
    "1 + 2",
    "Conv2d(**given)",
    "Conv2d(3, {(1, 2): 3}, 3)",
    "Conv2d(3, {[1]: 2}, 3)",
    "Conv2d(3, b'16', 3)",
]


@pytest.mark.parametrize("text", NO_CALLS)
def test_of_what_is_no_call_of_plain_values_an_example_is_left(text):
    assert written_call(text) == EXAMPLE


def test_a_text_is_read_up_to_300_characters():
    def spaced(length):
        return "ReLU(" + " " * (length - 6) + ")"

    assert written_call(spaced(300)) == "write `ReLU`"
    assert written_call(spaced(301)) == EXAMPLE


@pytest.mark.parametrize("text", [*READ, *UNREAD.values()])
def test_a_call_in_a_spec_is_one_error_with_this_help(text):
    spec = (
        "medt-gen: 1\ninput: {channels: 3, size: 8}\n"
        f'modules:\n  a: "{text}"\nforward: {{out: x | a}}\n'
    )
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=spec)
    (only,) = caught.value.diagnostics
    assert (only.code, only.help) == ("unknown-type", written_call(text))

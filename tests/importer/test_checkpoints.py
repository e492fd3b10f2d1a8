"""Saved state_dicts become specs, or it is said why not."""

import json
import struct

import numpy as np
import pytest
import torch
from reference.fill import fill_, images
from support import GOLDEN, NAMES, REFERENCES

import medt_gen
from medt_gen.importer import Options, import_file
from medt_gen.importer.checkpoints import import_shapes
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.network.meaning import flow_differences
from medt_gen.network.tensors import network_tensors

WIDTHS = {torch.float32: "F32", torch.int64: "I64"}


def save_safetensors(state, path):
    """The format's own words: a length, a JSON header, the bytes."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for key, tensor in state.items():
        raw = tensor.contiguous().numpy().tobytes()
        header[key] = {
            "dtype": WIDTHS[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def facts(name):
    text = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    return {key: tuple(s) for key, s in json.loads(text)["state_dict"].items()}


@pytest.mark.parametrize("name", NAMES)
def test_saved_weights_become_the_spec_and_load(name, tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(fill_(medt_gen.build(medt_gen.load(name))).state_dict(), path)
    found = import_file(str(path), None, Options())
    model = medt_gen.build(found.spec)
    model.load_state_dict(torch.load(path, weights_only=True))
    with torch.no_grad():
        output = model.eval()(images(2, 3, 128, 128))
    expected = np.load(GOLDEN / f"{name}.npz")["eval_output"]
    np.testing.assert_allclose(output.numpy(), expected, atol=2e-5, rtol=0)


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda item: item.name)
def test_the_original_keys_become_the_spec(reference):
    shapes = facts(reference.name)
    found = import_shapes(shapes, "here", Options())
    by_hand = reference.load().network
    assert list(network_tensors(found.spec.network)) == list(shapes)
    assert flow_differences(found.spec.network, by_hand) == []
    assert found.spec.network.root.input.numbers == by_hand.root.input.numbers
    assert found.spec.warnings == ()


def test_what_the_tables_tell_is_not_assumed():
    text = import_shapes(facts("logo"), "here", Options()).text
    assert text.count("from the tables of relative positions") == 2
    text = import_shapes(facts("medt"), "here", Options()).text
    assert "grid: [4, 4], as: patch}  # assumed" in text
    text = import_shapes(facts("medt"), "here", Options(None, {"": (4, 4)})).text
    assert "grid: [4, 4], as: patch}\n" in text


def test_tables_tell_the_grid():
    spec = medt_gen.load("logo", overrides=["forward.local.patches.grid=[2,4]"])
    found = import_shapes(network_tensors(spec.network), "here", Options())
    assert flow_differences(found.spec.network, spec.network) == []


def test_safetensors_are_read_by_their_header(tmp_path, monkeypatch):
    path = tmp_path / "weights.safetensors"
    save_safetensors(medt_gen.build(medt_gen.load("gated")).state_dict(), path)
    monkeypatch.setattr(torch, "load", None)
    found = import_file(str(path), None, Options())
    assert network_tensors(found.spec.network) == facts("gated")


STRANGE = {
    "another network": {"conv.weight": (3, 3, 3, 3)},
    "no module": {"weight": (3,)},
    "no shapes": {"conv1.weight": (3, 3, 3, 3), "bn1.running_mean": ()},
    "nothing": {},
}


@pytest.mark.parametrize("name", STRANGE)
def test_other_keys_are_ambiguous(name):
    with pytest.raises(InvalidInput) as caught:
        import_shapes(STRANGE[name], "here", Options())
    assert caught.value.diagnostics[0].code == "import-ambiguous"


@pytest.mark.parametrize(
    "drop", ["layer2.1.bn2.weight", "layer1.0.conv_up.weight", "conv2.weight"]
)
def test_a_missing_key_is_ambiguous(drop):
    shapes = facts("axialunet")
    del shapes[drop]
    with pytest.raises(InvalidInput) as caught:
        import_shapes(shapes, "here", Options())
    assert caught.value.diagnostics[0].code == "import-ambiguous"


def test_a_missing_bias_is_a_layer_without():
    shapes = facts("axialunet")
    del shapes["decoder3.bias"]
    text = import_shapes(shapes, "here", Options()).text
    (line,) = (line for line in text.split("\n") if "decoder3:" in line)
    assert line.endswith("padding: 1, bias: false}")


def test_options_that_contradict_the_tables_are_refused():
    with pytest.raises(InvalidInput) as caught:
        import_shapes(facts("axialunet"), "here", Options((256, 256)))
    assert "relative" in caught.value.diagnostics[0].message

"""Saved state_dicts become specs; hostile files are refused before they do anything."""

import json
import pickle
import struct
import zipfile

import numpy as np
import pytest
import torch
from reference.fill import fill_, images
from support import GOLDEN, NAMES, REFERENCES, run

import medt_gen
from medt_gen.importer import Options, import_file
from medt_gen.importer.checkpoints import import_shapes
from medt_gen.messages.diagnostics import InvalidInput, UnreadableInput
from medt_gen.network.meaning import flow_differences
from medt_gen.network.tensors import network_tensors
from medt_gen.weights import read as checkpoint
from medt_gen.weights.read import read_checkpoint

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


def test_training_checkpoints_and_wrappers_are_looked_into(tmp_path):
    state = medt_gen.build(medt_gen.load("axialunet")).state_dict()
    wrapped = {f"module.{key}": value for key, value in state.items()}
    path = tmp_path / "epoch.pth"
    torch.save({"epoch": 3, "state_dict": wrapped}, path)
    assert read_checkpoint(str(path)) == facts("axialunet")


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


# --- hostile files -------------------------------------------------------------------


class Exploit:
    def __reduce__(self):
        return print, ("executed",)


def torch_file(path, state):
    torch.save(state, path)
    return path.read_bytes()


def rewritten(path, change):
    """The archive with its entries changed: name and bytes to name, bytes, method."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            new, method = change(name, data)
            archive.writestr(name, new, compress_type=method)


def refused(path, reason):
    with pytest.raises(UnreadableInput) as caught:
        read_checkpoint(str(path))
    (found,) = caught.value.diagnostics
    assert found.code == "checkpoint"
    assert reason in found.message


def test_code_in_a_pickle_is_not_run(tmp_path, capsys):
    path = tmp_path / "evil.pt"
    torch_file(path, {"weight": Exploit()})
    refused(path, "torch refuses it")
    path.write_bytes(pickle.dumps(Exploit()))
    refused(path, "bare pickle")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("version", ["2.4.0", "2.6.1+cpu", "2.9.1"])
def test_a_torch_with_known_holes_reads_no_pickle(tmp_path, monkeypatch, version):
    path = tmp_path / "weights.pt"
    torch_file(path, {"weight": torch.zeros(2)})
    monkeypatch.setattr(torch, "__version__", version)
    monkeypatch.setattr(torch, "load", None)
    refused(path, f"torch {version}")


@pytest.mark.parametrize("kept", [5, 40, 0.5, 0.99])
def test_cut_off_files_are_refused(tmp_path, kept):
    path = tmp_path / "weights.pt"
    data = torch_file(path, {"weight": torch.zeros(1000)})
    path.write_bytes(data[: kept if isinstance(kept, int) else int(kept * len(data))])
    refused(path, "the archive is damaged")


def test_compressed_archives_are_refused(tmp_path):
    path = tmp_path / "bomb.pt"
    torch_file(path, {"weight": torch.zeros(100_000)})
    rewritten(path, lambda name, data: (data, zipfile.ZIP_DEFLATED))
    refused(path, "compressed")


def test_archives_without_a_pickle_are_refused(tmp_path):
    path = tmp_path / "office.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    refused(path, "no checkpoint of torch.save")


def test_storages_that_lie_are_refused(tmp_path):
    path = tmp_path / "lie.pt"
    torch_file(path, {"weight": torch.zeros(1000)})

    def lie(name, data):
        if name.endswith("data.pkl"):
            data = data.replace(struct.pack("<H", 1000), struct.pack("<H", 60_000))
        return data, zipfile.ZIP_STORED

    rewritten(path, lie)
    refused(path, "claims more than the file holds")


def test_what_is_no_state_dict_is_refused(tmp_path):
    path = tmp_path / "list.pt"
    torch_file(path, [torch.zeros(2)])
    refused(path, "no state_dict")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}, "claims data"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, "claims data"),
        ({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, "no shape"),
        ({"a": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, "no shape"),
        ({"a": 3}, "no tensor"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_safetensors_that_lie_are_refused(tmp_path, header, reason):
    path = tmp_path / "lie.safetensors"
    text = header if isinstance(header, str) else json.dumps(header)
    if isinstance(header, str):
        text = "{" + text
    path.write_bytes(struct.pack("<Q", len(text)) + text.encode() + b"\0\0\0\0")
    refused(path, reason)


def test_a_header_longer_than_the_file_is_refused(tmp_path):
    path = tmp_path / "long.safetensors"
    path.write_bytes(struct.pack("<Q", 2**60) + b"{}")
    refused(path, "header is longer")


def test_other_files_and_missing_ones_are_refused(tmp_path, capsys):
    path = tmp_path / "text.pt"
    path.write_text("hello there, this is text", encoding="utf-8")
    refused(path, "neither")
    assert run(capsys, "import", tmp_path / "none.pt")[0] == 2
    assert run(capsys, "import", path)[0] == 2


def test_what_counts_as_a_checkpoint(tmp_path):
    path = tmp_path / "named.txt"
    torch_file(path, {"weight": torch.zeros(2)})
    assert checkpoint.is_checkpoint(str(path))
    path.write_text("Net(\n  (a): ReLU()\n)", encoding="utf-8")
    assert not checkpoint.is_checkpoint(str(path))

"""Checkpoints are read by keys and shapes; hostile ones are refused, and do nothing."""

import json
import pickle
import struct
import zipfile

import pytest
import torch
from support import GOLDEN, run

import medt_gen
from medt_gen.messages.diagnostics import UnreadableInput
from medt_gen.weights.read import is_checkpoint, read_checkpoint


def test_training_checkpoints_are_looked_into(tmp_path):
    golden = json.loads((GOLDEN / "axialunet.json").read_text(encoding="utf-8"))
    state = medt_gen.build(medt_gen.load("axialunet")).state_dict()
    path = tmp_path / "epoch.pth"
    torch.save({"epoch": 3, "state_dict": state}, path)
    expected = {key: tuple(shape) for key, shape in golden["state_dict"].items()}
    assert read_checkpoint(str(path)) == expected


@pytest.mark.parametrize("step", ["module.", "_orig_mod."])
def test_the_step_of_a_wrapper_is_no_part_of_the_keys(tmp_path, step):
    path = tmp_path / "wrapped.pt"
    torch.save({f"{step}fc.weight": torch.zeros(2, 3), f"{step}x": torch.ones(1)}, path)
    assert read_checkpoint(str(path)) == {"fc.weight": (2, 3), "x": (1,)}


def test_a_step_that_only_some_keys_have_is_a_part_of_them(tmp_path):
    path = tmp_path / "module.pt"
    torch.save({"module.weight": torch.zeros(2), "bias": torch.zeros(2)}, path)
    assert read_checkpoint(str(path)) == {"module.weight": (2,), "bias": (2,)}


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
    refused(path, "`builtins.print`, which only running code could make")
    path.write_bytes(pickle.dumps(Exploit()))
    refused(path, "torch.save did not write")
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
    assert is_checkpoint(str(path))
    path.write_text("Net(\n  (a): ReLU()\n)", encoding="utf-8")
    assert not is_checkpoint(str(path))

"""`medt-gen fit`: the answer, its exit code, and the weights that it writes."""

from __future__ import annotations

import json
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import load_file, load_model, save_file
from support import NAMES, run
from torch import nn

import medt_gen
from medt_gen.fitting.report import as_json
from medt_gen.messages.diagnostics import InvalidInput, UnreadableInput


def model_of(name, *overrides, seed=1):
    torch.manual_seed(seed)
    return medt_gen.build(medt_gen.load(name, overrides=list(overrides)))


@pytest.fixture(scope="module")
def states():
    return {name: model_of(name).state_dict() for name in NAMES}


WRAPPED = {
    "Lightning": ("model.", lambda s: {"state_dict": s, "epoch": 3}),
    "DDP": ("module.", lambda s: s),
    "compiled DDP": ("module._orig_mod.", lambda s: {"model": s, "optimizer": {}}),
    "FSDP": ("_fsdp_wrapped_module.", lambda s: s),
    "compiled": ("_orig_mod.", lambda s: {"state_dict": s}),
    "nnU-Net": ("", lambda s: {"network_weights": s, "logging": {"dice": [0.1]}}),
    "a net in a net": ("net.", lambda s: {"any_name": s, "epoch": 1}),
    "average": ("module.", lambda s: {"state_dict_ema": s}),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrapped", WRAPPED)
def test_wrapped_checkpoints_fit_by_one_command(
    name, wrapped, states, tmp_path, capsys
):
    prefix, container = WRAPPED[wrapped]
    path, out = tmp_path / "wrapped.ckpt", tmp_path / "plain.pt"
    torch.save(container({prefix + k: v for k, v in states[name].items()}), path)
    status, text, _ = run(capsys, "fit", path, name)
    assert status == 0
    assert "loads into" in text.split("\n")[0]
    assert (f"prefix `{prefix}` taken off" in text) is bool(prefix)
    assert run(capsys, "fit", path, name, "-o", out)[0] == 0
    loaded = torch.load(out, weights_only=True)
    assert list(loaded) == list(states[name])
    assert all(torch.equal(loaded[key], states[name][key]) for key in loaded)


@pytest.mark.parametrize("kind", ["spec", "printout", "emitted", "checkpoint"])
def test_every_kind_of_target_is_taken(kind, states, tmp_path, capsys):
    model = model_of("gated")
    path = tmp_path / "weights.pt"
    torch.save({f"model.{k}": v for k, v in states["gated"].items()}, path)
    texts = {"printout": str(model), "emitted": medt_gen.emit(medt_gen.load("gated"))}
    target = {"spec": "gated", "checkpoint": tmp_path / "other.pt"}.get(kind)
    torch.save(states["gated"], tmp_path / "other.pt")
    if target is None:
        target = tmp_path / f"net.{'py' if kind == 'emitted' else 'txt'}"
        target.write_text(texts[kind])
    status, text, _ = run(capsys, "fit", path, target)
    assert status == 0
    assert "prefix `model.` taken off 502 keys" in text
    assert ("as far as the printout tells" in text) is (kind == "printout")


def test_tables_of_a_smaller_image_are_carried_over(states, tmp_path, capsys):
    small, large = tmp_path / "128.pt", tmp_path / "256.pt"
    torch.save(states["medt"], small)
    status, text, _ = run(capsys, "fit", small, "medt", "--set", "input.size=256")
    assert status == 1
    assert "an image of another size: 128 in the checkpoint, 256 here" in text
    assert "--set input.size=128" in text
    ask = ("fit", small, "medt", "--set", "input.size=256", "-o", large)
    status, _, err = run(capsys, *ask)
    assert (status, "--resize-tables" in err, large.exists()) == (1, True, False)
    status, text, _ = run(capsys, *ask, "--resize-tables")
    assert status == 0
    model = model_of("medt", "input.size=256", seed=2)
    own = dict(model.state_dict())
    written = torch.load(large, weights_only=True)
    model.load_state_dict(written, strict=True)
    for key, value in written.items():
        before = states["medt"][key]
        if value.shape == before.shape:
            assert torch.equal(value, before)
        elif key.endswith("flatten_index"):
            assert torch.equal(value, own[key])
        else:
            middle = before.shape[1] // 2
            assert torch.equal(value[:, value.shape[1] // 2], before[:, middle])
            assert f"{key}: interpolated" in text


def test_another_number_of_classes_is_named_and_started_anew(tmp_path, capsys):
    path, out = tmp_path / "three.pt", tmp_path / "two.safetensors"
    three = model_of("axialunet", "params.classes=3").state_dict()
    torch.save(three, path)
    status, text, _ = run(capsys, "fit", path, "axialunet")
    assert status == 1
    assert "another number of classes: classes is 3 in the checkpoint, 2 here" in text
    assert "the spec would fit with --set params.classes=3" in text
    ask = ("fit", path, "axialunet", "-o", out)
    status, _, err = run(capsys, *ask)
    assert (status, out.exists()) == (1, False)
    assert "--drop adjust --init-missing" in err
    status, text, _ = run(capsys, *ask, "--drop", "adjust", "--init-missing")
    assert status == 0
    assert "initial values of the spec, seed 0" in text
    written = load_file(out)
    fresh = model_of("axialunet", seed=0)
    assert torch.equal(written["adjust.weight"], fresh.state_dict()["adjust.weight"])
    assert torch.equal(written["conv1.weight"], three["conv1.weight"])
    fresh.load_state_dict(written, strict=True)


def test_other_input_channels_are_named_and_adapted(tmp_path, capsys):
    path, out = tmp_path / "gray.pt", tmp_path / "rgb.pt"
    gray = model_of("logo", "input.channels=1").state_dict()
    torch.save(gray, path)
    status, text, _ = run(capsys, "fit", path, "logo")
    assert (status, "other input channels: 1 in the checkpoint" in text) == (1, True)
    status, _, err = run(capsys, "fit", path, "logo", "-o", out)
    assert (status, "--adapt-input" in err) == (1, True)
    assert run(capsys, "fit", path, "logo", "-o", out, "--adapt-input")[0] == 0
    written = torch.load(out, weights_only=True)
    for name in ("conv1.weight", "conv1_p.weight"):
        assert written[name].shape[1] == 3
        torch.testing.assert_close(written[name].sum(1, keepdim=True), gray[name])


def test_four_channels_are_not_adapted(tmp_path, capsys):
    path = tmp_path / "four.pt"
    torch.save(model_of("axialunet", "input.channels=4").state_dict(), path)
    out = tmp_path / "o.pt"
    status, _, err = run(capsys, "fit", path, "axialunet", "-o", out, "--adapt-input")
    assert (status, "from 3 channels to 1, and from 1 to 3 alone" in err) == (1, True)


@pytest.mark.parametrize(
    ("overrides", "option", "reason"),
    [
        (["params.heads=4"], "params.heads=4", "other heads"),
        (["params.base=32"], "params.base=32", "another width"),
        (["params.block=AxialBlock_wopos"], "params.block=AxialBlock_wopos", ""),
        (["params.classes=5", "input.channels=1"], "input.channels=1", ""),
    ],
)
def test_the_override_that_would_fit_is_found(overrides, option, reason, tmp_path):
    path = tmp_path / "other.pt"
    torch.save(model_of("gated", *overrides).state_dict(), path)
    found = medt_gen.fit(path, "gated")
    assert {item.option for item in found.suggestions} == set(overrides)
    assert option in found.text()
    assert reason in found.text()
    assert found.remaining == 0
    assert medt_gen.fit(path, medt_gen.load("gated", overrides=overrides)).loads


class Old(nn.Module):
    """A convolution with its norm and slope, as MONAI had them before 0.9."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3)
        self.norm = nn.InstanceNorm2d(width)
        self.act = nn.PReLU()


class New(nn.Module):
    """The same since."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3)
        parts = {"N": nn.InstanceNorm2d(width), "A": nn.PReLU()}
        self.adn = nn.Sequential(OrderedDict(parts))


def unet(block):
    return nn.ModuleDict(
        {
            f"down{k}": nn.ModuleDict({"unit0": block(4 + k), "unit1": block(4 + k)})
            for k in range(3)
        }
    )


def test_old_names_become_new_ones_in_one_line(tmp_path, capsys):
    old, new = unet(Old), unet(New)
    for k, part in enumerate(
        module for module in old.modules() if isinstance(module, nn.PReLU)
    ):
        part.weight.data.fill_(k)
    torch.save(old.state_dict(), tmp_path / "old.pt")
    torch.save(new.state_dict(), tmp_path / "new.pt")
    status, text, _ = run(capsys, "fit", tmp_path / "old.pt", tmp_path / "new.pt")
    assert status == 1
    assert "renamed act -> adn.A in 6 modules (6 keys)" in text
    found = medt_gen.fit(tmp_path / "old.pt", new)
    found.load_into(new)
    slopes = [m.weight.item() for m in new.modules() if isinstance(m, nn.PReLU)]
    assert slopes == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def swapped(tmp_path):
    """Two layers of equal shapes under names that say nothing."""
    one = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.Linear(3, 3)})
    other = nn.ModuleDict({"x": nn.Linear(3, 3), "y": nn.Linear(3, 3)})
    path = tmp_path / "one.pt"
    torch.save(one.state_dict(), path)
    torch.save(other.state_dict(), tmp_path / "other.pt")
    return path, one, other


def test_what_rests_on_order_needs_a_word(tmp_path, capsys):
    path, one, other = swapped(tmp_path)
    found = medt_gen.fit(path, other)
    assert "BY ORDER ALONE" in found.text()
    with pytest.raises(InvalidInput, match="--by-order"):
        found.load_into(other)
    found.load_into(other, by_order=True)
    assert torch.equal(other["x"].weight, one["a"].weight)
    ask = ("fit", path, tmp_path / "other.pt", "-o", tmp_path / "o.pt")
    assert run(capsys, *ask)[0] == 1
    assert run(capsys, *ask, "--by-order")[0] == 0


def test_nothing_is_written_over_or_half(tmp_path, capsys, states):
    path, out = tmp_path / "weights.pt", tmp_path / "out.pt"
    torch.save(states["axialunet"], path)
    out.write_text("mine")
    status, _, err = run(capsys, "fit", path, "axialunet", "-o", out)
    assert (status, out.read_text()) == (1, "mine")
    assert "--force" in err
    assert run(capsys, "fit", path, "gated", "-o", out, "--force")[0] == 1
    assert out.read_text() == "mine"
    assert run(capsys, "fit", path, "axialunet", "-o", out, "--force")[0] == 0
    assert torch.load(out, weights_only=True).keys() == states["axialunet"].keys()
    status, _, err = run(
        capsys, "fit", path, "axialunet", "-o", tmp_path / "no" / "o.pt"
    )
    assert (status, "unwritable" in err) == (2, True)
    status, _, err = run(capsys, "fit", path, "axialunet", "-o", tmp_path / "o.tar")
    assert (status, ".safetensors, .pt, .pth" in err) == (2, True)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["out.pt", "weights.pt"]


def test_keys_that_would_be_lost_are_dropped_by_name_alone(tmp_path, capsys, states):
    path, out = tmp_path / "weights.ckpt", tmp_path / "out.pt"
    state = {f"model.{k}": v for k, v in states["axialunet"].items()}
    torch.save({"state_dict": {**state, "loss.weight": torch.ones(2)}}, path)
    status, text, _ = run(capsys, "fit", path, "axialunet")
    assert (status, "unexpected" in text, "loss.weight" in text) == (1, True, True)
    status, _, err = run(capsys, "fit", path, "axialunet", "-o", out)
    assert (status, "--drop PREFIX" in err) == (1, True)
    status, text, _ = run(capsys, "fit", path, "axialunet", "-o", out, "--drop", "loss")
    assert (status, "left out: `loss.weight`" in text) == (0, True)
    status, _, err = run(capsys, "fit", path, "axialunet", "--drop", "los")
    assert (status, "did you mean `loss`" in err) == (2, True)


def test_a_part_is_written_where_that_is_asked_for(tmp_path, capsys, states):
    path, out = tmp_path / "weights.pt", tmp_path / "out.pt"
    torch.save(states["axialunet"], path)
    status, text, _ = run(capsys, "fit", path, "gated", "-o", out, "--partial")
    assert status == 0
    assert "NOT whole: 64 keys of the network are missing" in text
    assert "missing: layer1.0.hight_block.f_qr" in text


def test_tied_tensors_are_stored_once(tmp_path, capsys):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(3, 3, bias=False)
            self.second = nn.Linear(3, 3, bias=False)
            self.second.weight = self.first.weight

    model = Tied()
    path = tmp_path / "tied.pt"
    torch.save(model.state_dict(), path)
    for out in (tmp_path / "out.safetensors", tmp_path / "out.pt"):
        status, text, _ = run(capsys, "fit", path, path, "-o", out)
        assert status == 0
    status, text, _ = run(
        capsys, "fit", path, path, "-o", out.with_name("b.safetensors")
    )
    assert "tied tensors are stored once: second.weight (as first.weight)" in text
    other = Tied()
    load_model(other, str(tmp_path / "out.safetensors"), strict=True)
    assert torch.equal(other.second.weight, model.first.weight)
    again = torch.load(tmp_path / "out.pt", weights_only=True)
    assert again["first.weight"].data_ptr() == again["second.weight"].data_ptr()


def test_the_same_size_changes_no_bit(tmp_path, capsys, states):
    path, out = tmp_path / "weights.safetensors", tmp_path / "out.safetensors"
    save_file(states["medt"], path)
    assert run(capsys, "fit", path, "medt", "-o", out, "--resize-tables")[0] == 0
    written = load_file(out)
    assert all(torch.equal(written[k], v) for k, v in states["medt"].items())


def test_a_pasted_error_is_explained_by_itself(tmp_path, capsys):
    model, state = unet(New), unet(Old).state_dict()
    with pytest.raises(RuntimeError) as caught:
        model.load_state_dict(state)
    path = tmp_path / "error.txt"
    path.write_text(str(caught.value))
    status, text, _ = run(capsys, "fit", path)
    assert status == 1
    assert "renamed act -> adn.A in 6 modules (6 keys)" in text
    assert "what matches is not in the text of an error" in text
    status, _, err = run(capsys, "fit", path, "medt", "-o", tmp_path / "o.pt")
    assert (status, "it has keys and no values" in err) == (2, True)


def test_a_list_alone_is_named_and_grouped(tmp_path, capsys):
    path = tmp_path / "keys.txt"
    state = unet(Old).state_dict()
    path.write_text("".join(f"{k} {list(v.shape)}\n" for k, v in state.items()))
    status, text, _ = run(capsys, "fit", path)
    assert status == 0
    assert "down*.unit*.conv: 6 modules, a convolution" in text
    assert "down*.unit*.act: 6 modules, a PReLU" in text


def test_what_is_neither_is_refused(tmp_path, capsys):
    path = tmp_path / "notes.txt"
    path.write_text("Some notes.\n")
    status, _, err = run(capsys, "fit", path, "medt")
    assert (status, "holds no weights" in err) == (2, True)
    status, _, err = run(capsys, "fit", tmp_path / "no.pt", "medt")
    assert (status, "there is no such file" in err) == (2, True)
    torch.save({"a.weight": torch.zeros(1)}, tmp_path / "a.pt")
    status, _, err = run(capsys, "fit", tmp_path / "a.pt", path)
    assert status == 2
    status, _, err = run(
        capsys, "fit", tmp_path / "a.pt", tmp_path / "a.pt", "--set", "a=1"
    )
    assert (status, "--set changes a spec" in err) == (2, True)


def test_a_printout_does_not_tell_all(tmp_path, capsys):
    model = nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 3), own=Old(2)))
    path, target = tmp_path / "weights.pt", tmp_path / "net.txt"
    torch.save({**model.state_dict(), "own.table": torch.zeros(3)}, path)
    target.write_text(str(model))
    status, text, _ = run(capsys, "fit", path, target)
    assert status == 0
    assert "not compared (in modules that the printout does not tell): 1 key" in text
    status, _, err = run(capsys, "fit", path, target, "-o", tmp_path / "o.pt")
    assert (status, "does not tell all tensors" in err) == (1, True)


def test_the_answer_as_data(tmp_path, capsys):
    path, _, other = swapped(tmp_path)
    status, text, _ = run(
        capsys, "fit", path, tmp_path / "other.pt", "--format", "json"
    )
    found = json.loads(text)
    assert status == 1
    assert found == as_json(medt_gen.fit(path, tmp_path / "other.pt"))
    assert found["rules"][0]["evidence"] == "order"
    assert "loads into ModuleDict" in medt_gen.fit(path, other).text()


def test_models_and_specs_are_taken_from_python(tmp_path, states):
    path = tmp_path / "weights.pt"
    torch.save({f"model.{k}": v for k, v in states["gated"].items()}, path)
    for target in (model_of("gated"), medt_gen.load("gated"), "gated"):
        found = medt_gen.fit(path, target)
        assert found.loads
        assert not (found.missing or found.unexpected or found.mismatches)
    model = model_of("gated", seed=7)
    medt_gen.fit(path, model).load_into(model)
    assert torch.equal(
        model.state_dict()["conv1.weight"], states["gated"]["conv1.weight"]
    )
    with pytest.raises(UnreadableInput):
        medt_gen.fit(tmp_path / "no.pt", model)
    with pytest.raises(InvalidInput, match="would be missing"):
        torch.save(states["axialunet"], path)
        medt_gen.fit(path, model).load_into(model)


@pytest.mark.parametrize("seed", ["99999999999999999999999", "x", "1.5"])
def test_a_seed_is_one_that_torch_takes(seed, capsys):
    status, _, err = run(capsys, "fit", "a.pt", "medt", "--seed", seed)
    assert (status, "argument --seed" in err) == (2, True)


class Learned(nn.Module):
    """A learned grid, which is called as no buffer of indices is."""

    def __init__(self, size):
        super().__init__()
        self.pos_grid = nn.Parameter(torch.zeros(1, 2, size, size))


def test_a_learned_grid_is_never_replaced_in_silence(tmp_path, capsys):
    for size in (4, 8):
        torch.save(Learned(size).state_dict(), tmp_path / f"{size}.pt")
    out = tmp_path / "o.pt"
    status, _, err = run(capsys, "fit", tmp_path / "4.pt", tmp_path / "8.pt", "-o", out)
    assert (status, out.exists()) == (1, False)
    assert "`pos_grid`" in err


def test_keys_of_open_modules_are_not_compared(tmp_path):
    spec = medt_gen.load(
        text="medt-gen: 1\nclass: Net\ninput: {channels: 3, size: 8}\n"
        "modules:\n  own: {open: Own, prints: k=3}\n"
    )
    path = tmp_path / "own.pt"
    torch.save({"own.table": torch.zeros(3)}, path)
    found = medt_gen.fit(path, spec)
    assert (found.untold, found.unexpected) == (("own.table",), ())

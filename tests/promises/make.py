"""Write the files of this folder: what a release promises that later ones read.

Run by hand, `python tests/promises/make.py`, when a release makes a new promise; the
files of earlier releases stay as they are, and are never written again.
"""

from __future__ import annotations

from pathlib import Path

import torch

import medt_gen

SPEC = """\
# A network of some kB with everything that a saved model names: attention of all three
# kinds, gates, positions, patches with statistics of their own, a block of the spec.
medt-gen: 1
class: Promised
input: {channels: 2, size: 8}
params: {classes: 2, heads: 2}
training: {gates: {frozen_epochs: 1}}
blocks:
  Neck:
    params: {planes: int}
    modules:
      conv: {type: Conv2d, out_channels: $planes, kernel_size: 1}
      norm: BatchNorm2d
    forward: {out: x | conv | norm | relu()}
modules:
  neck: {type: Neck, planes: 4}
  plain: {type: AxialBlock, planes: 4, heads: $heads}
  gated: {type: AxialBlock_dynamic, planes: 4, heads: $heads}
  local: {type: AxialBlock_wopos, planes: 4, heads: $heads}
  head: {type: Conv2d, out_channels: $classes, kernel_size: 1}
forward:
  stem: x | neck
  whole: stem | plain | gated
  patches:
    patches: {of: stem, grid: [2, 2], as: patch}
    forward: {out: patch | local}
  out: whole | add(patches) | head
"""


def image() -> torch.Tensor:
    """What the stored outputs are of."""
    return torch.linspace(-1, 1, 2 * 2 * 8 * 8).reshape(2, 2, 8, 8)


def main() -> None:
    """Write spec, emitted file, saved model, and what the model gives."""
    folder = Path(__file__).parent / medt_gen.__version__
    folder.mkdir(exist_ok=True)
    (folder / "network.yaml").write_text(SPEC, encoding="utf-8")
    spec = medt_gen.load(folder / "network.yaml")
    (folder / "network.py.txt").write_text(medt_gen.emit(spec), encoding="utf-8")
    torch.manual_seed(0)
    model = medt_gen.build(spec)
    model(image())  # running statistics of their own
    model.eval()
    torch.save(model, folder / "network.pt")
    torch.save(model.state_dict(), folder / "weights.pt")
    torch.save(model(image()).detach(), folder / "output.pt")


if __name__ == "__main__":
    main()

"""Printouts that several tests read, and what happens to printouts on their way."""

from __future__ import annotations

from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "reference"
GOLDEN = REFERENCE / "golden"

NET = """\
Net(
  (stem): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), bias=False)
  (blocks): ModuleList(
    (0-2): 3 x Block(
      (norm): BatchNorm2d(8, eps=1e-05, affine=True, track_running_stats=True)
      (act): ReLU(inplace=True)
    )
    (3): Block(
      (norm): Identity()
    )
  )
  (head): Sequential(
    (0): Dropout(p=0.5, inplace=False)
    (1): Linear(in_features=8, out_features=2, bias=True)
  )
)"""


def golden(name: str) -> str:
    """One of the printouts of the original networks, without a last line break."""
    path = GOLDEN / f"{name}.repr.txt"
    return path.read_text(encoding="utf-8").rstrip("\n")


def flatten(text: str) -> str:
    """A printout as web pages leave it: line breaks and indentation lost."""
    return "".join(line.strip() for line in text.split("\n"))

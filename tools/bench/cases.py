"""What is measured, and the pair of networks for each case."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from medt_gen.layers.fast_attention import FastAxialAttention
from tools.bench import naive
from tools.bench.networks import NETWORKS
from tools.bench.ours import Branches, ours

NAMES = tuple(NETWORKS)


@dataclass(frozen=True)
class Case:
    """One row of the table: `needed` is the least ratio, or the largest for memory."""

    mode: str  # eval, train
    network: str
    size: int = 128
    batch: int = 1
    needed: float | None = None
    compiled: bool = False  # the naive form under torch.compile
    branches: int = 0  # of ours alone: so many of the network, over patches
    channels: int = 0  # of one layer of axial attention, alone

    @property
    def label(self) -> str:
        """As `--only` matches it."""
        what = f"{self.channels} channels" if self.channels else self.network
        compiled = " against compiled" if self.compiled else ""
        return f"{self.mode} {what} {self.size}px batch {self.batch}{compiled}"

    def facts(self) -> dict[str, Any]:
        """For the JSON report."""
        return asdict(self)


def time_cases() -> list[Case]:
    """The table of speeds that the project promises."""
    slow = {"axialunet": 1.3, "gated": 1.3, "logo": 2.0, "medt": 2.0}
    return [
        *(Case("eval", name, needed=2.5) for name in NAMES),
        *(Case("eval", name, batch=4, needed=4.5) for name in NAMES),
        Case("eval", "gated", size=256, needed=6.0),
        *(Case("train", name, needed=slow[name]) for name in NAMES),
        *(Case("train", name, batch=4, needed=2.3) for name in NAMES),
        Case("eval", "gated", needed=1.5, compiled=True),
        Case("eval", "medt", needed=2.5, compiled=True),
    ]


def layer_cases() -> list[Case]:
    """Single layers of 8 heads, from narrow to wide."""
    shapes = (16, 64), (32, 32), (64, 16), (128, 32), (256, 16), (512, 16), (1024, 16)
    return [
        Case(mode, "attention", size, batch=4, channels=channels)
        for mode in ("eval", "train")
        for channels, size in shapes
    ]


def memory_cases() -> list[Case]:
    """Peak memory: at most so many times the naive form's."""
    train = [Case("train", name, batch=4, needed=0.6) for name in NAMES]
    return [*train, Case("eval", "gated", size=512, needed=0.05)]


def pair(case: Case, device: str) -> tuple[nn.Module, nn.Module]:
    """The naive network and ours with equal weights, statistics and mode."""
    torch.manual_seed(0)
    fast = _form(case, "ours")
    for name, buffer in fast.named_buffers():
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    slow = _form(case, "naive")
    slow.load_state_dict(fast.state_dict(), strict=True)
    for mine, other in zip(slow.parameters(), fast.parameters(), strict=True):
        mine.requires_grad_(other.requires_grad)
    training = case.mode == "train"
    return slow.to(device).train(training), fast.to(device).train(training)


def alone(case: Case, form: str, device: str) -> nn.Module:
    """One form, `naive` or `ours`, where the other has never been in memory."""
    return _form(case, form).to(device).train(case.mode == "train")


def _form(case: Case, form: str) -> nn.Module:
    if case.channels:
        layer = naive.AxialAttention if form == "naive" else FastAxialAttention
        return layer(case.channels, span=case.size, axis="height")
    if form == "naive":
        return NETWORKS[case.network](case.size)
    if case.branches:
        return Branches(case.branches, case.size)
    return ours(case.network, case.size)


def data(case: Case, device: str) -> tuple[Tensor, Tensor]:
    """Images and labels."""
    torch.manual_seed(1)
    x = torch.rand(case.batch, case.channels or 3, case.size, case.size)
    y = torch.randint(0, 2, (case.batch, case.size, case.size))
    return x.to(device), y.to(device)


def run_once(case: Case, model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The output in eval; in training the loss, after a backward pass."""
    if case.mode == "eval":
        with torch.no_grad():
            result: Tensor = model(x)
            return result
    model.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(x), y)
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.detach()

"""What is measured, and the pair of networks for each case."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

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

    @property
    def label(self) -> str:
        """As `--only` matches it."""
        compiled = " against compiled" if self.compiled else ""
        return f"{self.mode} {self.network} {self.size}px batch {self.batch}{compiled}"

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


def memory_cases() -> list[Case]:
    """Peak memory: at most so many times the naive form's."""
    train = [Case("train", name, batch=4, needed=0.6) for name in NAMES]
    return [*train, Case("eval", "gated", size=512, needed=0.05)]


def pair(case: Case, device: str) -> tuple[nn.Module, nn.Module]:
    """The naive network and ours with equal weights, statistics and mode."""
    torch.manual_seed(0)
    fast = ours(case.network, case.size)
    for name, buffer in fast.named_buffers():
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    slow = NETWORKS[case.network](case.size)
    slow.load_state_dict(fast.state_dict(), strict=True)
    for mine, other in zip(slow.parameters(), fast.parameters(), strict=True):
        mine.requires_grad_(other.requires_grad)
    training = case.mode == "train"
    return slow.to(device).train(training), fast.to(device).train(training)


def alone(case: Case, form: str, device: str) -> nn.Module:
    """One form, `naive` or `ours`, where the other has never been in memory."""
    if form == "naive":
        model = NETWORKS[case.network](case.size)
    elif case.branches:
        model = Branches(case.branches, case.size)
    else:
        model = ours(case.network, case.size)
    return model.to(device).train(case.mode == "train")


def data(case: Case, device: str) -> tuple[Tensor, Tensor]:
    """Images and labels."""
    torch.manual_seed(1)
    x = torch.rand(case.batch, 3, case.size, case.size)
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

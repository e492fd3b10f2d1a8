"""Why a checkpoint is not read, as one diagnostic each."""

from __future__ import annotations

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown


def refused(path: str, reason: str, help: str | None = None) -> UnreadableInput:
    """A file that can't be read, for a reason that completes `can't read PATH: ...`."""
    return UnreadableInput(
        Diagnostic("checkpoint", f"can't read {shown(path)}: {reason}", help=help)
    )


def refused_global(path: str, names: list[str]) -> UnreadableInput:
    """A pickle that names something that only running it could make."""
    whole = [name for name in names if name.startswith("torch.nn.modules.")]
    if whole:
        return refused(
            path,
            "it holds a whole pickled model, and reading that would run its code",
            "where you trust it, save its weights alone: "
            f'`model = torch.load("{shown(path)}", weights_only=False)`, then '
            '`torch.save(model.state_dict(), "weights.pt")`',
        )
    listed = ", ".join(f"`{shown(name)}`" for name in names[:4])
    return refused(
        path,
        f"it holds {listed}, which only running code could make",
        "where you trust it, save its weights alone: "
        f'`saved = torch.load("{shown(path)}", weights_only=False)`, then '
        '`torch.save(saved["state_dict"], "weights.pt")`',
    )

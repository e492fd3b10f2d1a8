"""Where what stands in the folder of a run, and its record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from medt_gen.files.run_folders import RECORD, SPEC, is_run
from medt_gen.images.preparation import OddPreparation, Preparation, preparation_of
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown

WhichWeights = Literal["best", "last"]
SPLIT = "split.json"
METRICS, LOG, STATE = "metrics.csv", "log.jsonl", "state.pt"
CURVES, REPORT, OVERLAYS = "curves.png", "report.html", "overlays"


def weights_file(folder: Path, which: WhichWeights) -> Path:
    """Where the best or the last weights are."""
    return folder / f"{which}.safetensors"


@dataclass(frozen=True)
class RunRecord:
    """What `run.json` holds.

    `options` decide the weights; `started` is what the run was begun with and may
    change: versions, devices, threads.
    """

    folder: Path
    preparation: Preparation
    options: dict[str, Any]
    started: dict[str, Any]


def read_record(folder: Path) -> RunRecord:
    """The record of a run; raises UnreadableInput where the folder has none."""
    if not is_run(folder):
        reason = "there is no such folder"
        if folder.exists():
            reason = f"it has no {RECORD} and {SPEC}, so it is not the folder of a run"
        text = f"can't use {shown(str(folder), 500)}: {reason}"
        help = "it is what `medt-gen train ... --out` was given"
        raise UnreadableInput(Diagnostic("run", text, help=help))
    path = folder / RECORD
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return RunRecord(
            folder,
            preparation_of(document["preparation"]),
            document["options"],
            document["started"],
        )
    except (OSError, ValueError, KeyError, TypeError, OddPreparation) as error:
        text = f"can't read {shown(str(path), 500)}: {shown(str(error), 200)}"
        raise UnreadableInput(Diagnostic("run", text)) from None


def record_text(record: RunRecord) -> str:
    """`run.json` as it is written."""
    document = {
        "preparation": record.preparation.record(),
        "options": record.options,
        "started": record.started,
    }
    return json.dumps(document, indent=2) + "\n"

"""Try the printout reader on the models of the large public collections.

    python -m tools.printout_zoo run OUT [--only timm torchvision ...] [--match TEXT]
    python -m tools.printout_zoo report OUT
    python -m tools.printout_zoo sample OUT tests/printouts/zoo/printouts.jsonl.xz
    python -m tools.printout_zoo imports OUT_OR_SAMPLE

`run` builds every model of torchvision, timm, segmentation-models-pytorch, MONAI and
transformers on the meta device and checks two promises on its printout: parsed and
rendered it is the same text, with the paths and classes of the living modules; and
with line breaks and indentation lost it gives the same, or a diagnostic that says what
is ambiguous. `imports` reads them back as specs, and counts by library how many leave
nothing open. `run` belongs in an environment of its own, since torchvision and timm
need a torch that matches:

    python -m venv zoo && zoo/bin/pip install torch==2.14.1 torchvision==0.29.1
    zoo/bin/pip install timm segmentation-models-pytorch monai transformers
    zoo/bin/python -m tools.printout_zoo run zoo-results
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.printout_zoo.imports import report_imports
from tools.printout_zoo.libraries import LIBRARIES
from tools.printout_zoo.results import report, run, sample


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.printout_zoo", description=__doc__.partition("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("out", type=Path)
    running.add_argument("--only", nargs="*", choices=sorted(LIBRARIES), default=[])
    running.add_argument(
        "--match", default="", help="only models with this in the name"
    )
    commands.add_parser("report").add_argument("out", type=Path)
    sampling = commands.add_parser("sample")
    sampling.add_argument("out", type=Path)
    sampling.add_argument("target", type=Path)
    commands.add_parser("imports").add_argument("source", type=Path)
    options = parser.parse_args()
    if options.command == "run":
        run(options.out, options.only, options.match)
    elif options.command == "report":
        report(options.out)
    elif options.command == "imports":
        report_imports(options.source)
    else:
        sample(options.out, options.target)


if __name__ == "__main__":
    main()

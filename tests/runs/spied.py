"""A training whose parameters are kept after every epoch, by every process.

    python spied.py FOLDER STOP ARGUMENTS OF medt-gen

After STOP epochs it stops as if somebody had pressed Ctrl-C.
"""

import sys
from pathlib import Path

import torch

from medt_gen.cli import main as medt_gen
from medt_gen.training.loop import Loop


def main():
    folder, stop, *arguments = sys.argv[1:]
    end = Loop._end_epoch

    def spied(loop, epoch, *rest):
        end(loop, epoch, *rest)
        kept = {n: p.detach().clone() for n, p in loop.model.named_parameters()}
        torch.save(kept, Path(folder) / f"{epoch}-{loop.fabric.global_rank}.pt")
        if epoch + 1 == int(stop):
            loop.interrupted.asked = True

    Loop._end_epoch = spied
    medt_gen(arguments)


if __name__ == "__main__":
    main()

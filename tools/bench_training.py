"""What a training step costs over a bare loop of the same network.

    python tools/bench_training.py [PAIRS]

`gated` at 64 pixels, batches of 4. Steps of both kinds take turns, so that noise meets
both; the median of the pairs' ratios is what counts. The goal is under 5%.
"""

from __future__ import annotations

import copy
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch.nn import functional as F

import medt_gen
from medt_gen.training.gates import Wrapped
from medt_gen.training.material import MaterialOptions, gather
from medt_gen.training.optimizers import make_optimizer
from medt_gen.training.processes import start
from medt_gen.training.progress import progress_of
from medt_gen.training.recipe import make_recipe
from medt_gen.training.samples import Batch, Loader, Samples, process_batches
from medt_gen.training.step import Stepper

SIZE, BATCH, IMAGES = 64, 4, 64


def write_images(folder: Path) -> None:
    """Images of noise with a bright square."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for part in ("images", "masks"):
        (folder / part).mkdir()
    for number in range(IMAGES):
        mask = np.zeros((SIZE, SIZE), np.uint8)
        mask[16:40, 16:40] = 255
        image = rng.integers(0, 200, (SIZE, SIZE, 3)).astype(np.uint8)
        image[mask > 0] += 50
        Image.fromarray(image).save(folder / "images" / f"{number}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{number}.png")


def main() -> None:
    """Time pairs of steps, and say the median of their ratios."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    spec = medt_gen.load("gated", overrides=[f"input.size={SIZE}"])
    recipe = make_recipe(spec, {"batch_size": BATCH})
    with tempfile.TemporaryDirectory() as name:
        write_images(Path(name))
        material = gather(spec, MaterialOptions(Path(name)))
        model = medt_gen.build(spec)
        bare = copy.deepcopy(model)
        fabric = start("32", "cpu")
        example = torch.zeros(BATCH, 3, SIZE, SIZE)
        wrapped = Wrapped(fabric, model, example)
        optimizer = fabric.setup_optimizers(make_optimizer(model, recipe))
        stepper = Stepper(fabric, wrapped, optimizer, recipe, {"out": (SIZE, SIZE)})
        wrapped.begin_epoch(10)
        samples = Samples(
            material.splits["train"], material.preparation, recipe.augment, 0
        )
        loader = Loader(samples, 0)
        bare_optimizer = torch.optim.Adam(bare.parameters(), lr=1e-3, weight_decay=1e-5)
        bare.set_epoch(10)
        images = torch.rand(BATCH, 3, SIZE, SIZE)
        masks = torch.randint(0, 2, (BATCH, SIZE, SIZE))
        progress = progress_of("plain", first=True)
        model.train(), bare.train()
        ratios: list[float] = []
        loads: list[float] = []
        steps: list[float] = []
        epoch = 0
        batches: Iterator[Batch] = iter(())
        for _ in range(pairs):
            began = time.perf_counter()
            batch = next(batches, None)
            if batch is None:
                keys = process_batches(len(samples), BATCH, 0, epoch, 0, 1)
                batches = loader.batches([x for x in keys if len(x) == BATCH])
                epoch += 1
                batch = next(batches)
            loads.append(time.perf_counter() - began)
            result = stepper.step([batch], "a step")
            progress.step(epoch, 0, result.loss, result.images)
            ours = time.perf_counter() - began
            began = time.perf_counter()
            bare_optimizer.zero_grad()
            loss = F.cross_entropy(bare(images), masks)
            loss.backward()  # type: ignore[no-untyped-call]
            bare_optimizer.step()
            theirs = time.perf_counter() - began
            ratios.append(ours / theirs)
            steps.append(theirs)
    print(f"a bare step: {1000 * median(steps):.1f} ms")
    print(f"ours, with loading, augmentation and progress: {median(ratios):.3f} of it")
    print(f"loading a batch: {1000 * median(loads):.2f} ms")


if __name__ == "__main__":
    main()

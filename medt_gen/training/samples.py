"""Images and masks as samples: what happens to one depends on seed, epoch and index.

No worker keeps a state: their number, and where a run was interrupted, change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from medt_gen.images.pairs import read_pair
from medt_gen.images.preparation import Preparation, prepared_image
from medt_gen.images.records import CaseFacts
from medt_gen.training.augment import Augmenter

_MOST_CACHED = 1 << 30
_SHUFFLE, _SAMPLE = 1, 2


@dataclass(frozen=True)
class Key:
    """A sample of an epoch: which image, and which slice of a volume."""

    epoch: int
    index: int


@dataclass(frozen=True)
class Batch:
    """What a process gets of a step: images, masks, and whether it only keeps time."""

    images: Tensor
    masks: Tensor
    names: tuple[str, ...]
    idle: bool = False


class Samples(Dataset[tuple[Tensor, Tensor, str]]):
    """The images that are trained on, or their slices; small ones stay in memory."""

    def __init__(
        self,
        facts: Sequence[CaseFacts],
        preparation: Preparation,
        augment: Mapping[str, float],
        seed: int,
    ) -> None:
        self.facts = tuple(facts)
        self.preparation = preparation
        self.augmenter = Augmenter(augment, preparation.size, preparation.fit)
        self.seed = seed
        axis = preparation.axis
        self.places = [
            (number, place)
            for number, item in enumerate(self.facts)
            for place in _slices(item, axis)
        ]
        self._cache: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._cached = 0

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, key: Key) -> tuple[Tensor, Tensor, str]:
        number, place = self.places[key.index]
        image, mask = self._case(number)
        name = self.facts[number].case.name
        if place is not None:
            axis = self.preparation.axis
            assert axis is not None
            image = np.take(image, place, axis + 1)
            mask = np.take(mask, place, axis)
            name = f"{name} (slice {place})"
        chance = np.random.SeedSequence((_SAMPLE, self.seed, key.epoch, key.index))
        image, mask = self.augmenter(image, mask, chance)
        return torch.from_numpy(image), torch.from_numpy(mask.astype(np.int64)), name

    def _case(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        if number in self._cache:
            return self._cache[number]
        values, classes = read_pair(self.facts[number].case, self.preparation)
        found = prepared_image(values, self.preparation), classes
        size = found[0].nbytes + found[1].nbytes
        if self._cached + size <= _MOST_CACHED:
            self._cache[number] = found
            self._cached += size
        return found


def _slices(item: CaseFacts, axis: int | None) -> Iterator[int | None]:
    if axis is None or len(item.size) == 2:
        yield None
        return
    yield from range(item.size[axis])


def epoch_order(count: int, seed: int, epoch: int) -> list[int]:
    """The order of the samples in an epoch: a permutation by seed and epoch."""
    state = np.random.SeedSequence((_SHUFFLE, seed, epoch))
    return [int(i) for i in np.random.default_rng(state).permutation(count)]


def process_batches(
    count: int, batch_size: int, seed: int, epoch: int, rank: int, world: int
) -> list[list[Key]]:
    """The batches of one process: its share of each, and each sample once in all.

    A process that a short last batch leaves nothing for has an empty list there.
    """
    order = epoch_order(count, seed, epoch)
    batches = [order[i : i + batch_size] for i in range(0, count, batch_size)]
    return [[Key(epoch, index) for index in _share(b, rank, world)] for b in batches]


def _share(batch: Sequence[int], rank: int, world: int) -> Sequence[int]:
    least, more = divmod(len(batch), world)
    start = rank * least + min(rank, more)
    return batch[start : start + least + (rank < more)]


class _Sampler:
    """The keys of the batches that are to be done next; set before every epoch."""

    def __init__(self) -> None:
        self.batches: Sequence[Sequence[Key]] = ()

    def __iter__(self) -> Iterator[list[Key]]:
        # A process that only keeps time takes a sample all the same: it counts 0.
        first = next((batch[0] for batch in self.batches if batch), Key(0, 0))
        return iter([list(batch) or [first] for batch in self.batches])

    def __len__(self) -> int:
        return len(self.batches)


class Loader:
    """Batches of samples, loaded by so many workers, which stay from epoch to epoch.

    The global generator is not touched: a loader draws from one of its own.
    """

    def __init__(self, samples: Samples, workers: int) -> None:
        self._sampler = _Sampler()
        self._loader: DataLoader[Any] = DataLoader(
            samples,
            batch_sampler=self._sampler,
            num_workers=workers,
            collate_fn=_collate,
            generator=torch.Generator(),
            persistent_workers=workers > 0,
        )

    def batches(self, keys: Sequence[Sequence[Key]]) -> Iterator[Batch]:
        """The batches of these keys, in their order."""
        self._sampler.batches = keys
        for wanted, batch in zip(keys, self._loader, strict=True):
            images, masks, names = batch
            yield Batch(images, masks, names, idle=not wanted)


def _collate(
    items: Sequence[tuple[Tensor, Tensor, str]],
) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    images, masks, names = zip(*items, strict=True)
    return torch.stack(images), torch.stack(masks), tuple(names)

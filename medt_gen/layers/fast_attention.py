"""Axial attention's numbers with less work; docs/performance.md has the algebra."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from medt_gen.layers.axial_attention import AxialAttention, RelativePositions
from medt_gen.layers.axial_dynamic import AxialAttention_dynamic
from medt_gen.layers.axial_wopos import AxialAttention_wopos
from medt_gen.layers.batch_norm import (
    PatchBatchNorm2d,
    is_hooked,
    patches_of,
    take_steps,
)


class HeadLines(NamedTuple):
    """The lines of all images and heads, innermost in memory."""

    q: Tensor  # [c, L, lines]
    k: Tensor  # [c, L, lines]
    v: Tensor  # [d, L, lines]
    scales: Tensor  # [terms, 1, lines], what the norm does to each term, for base 2


class FastAxialAttention(AxialAttention):
    """AxialAttention without a tensor of all logits; it prints as AxialAttention.

    Its tensors have c, or i and j, first, and the lines of all images and heads last:
    an operation runs over all lines at once, however short they are.
    """

    # Logits at a time, half as many with gradients. In eval, half of it was 3 to 5%
    # slower, and twice of it up to 15%; in training, twice of it 5 to 15%.
    chunk = 2**20
    # Lines at a time at least, so that an operation has enough to run over: of 256
    # places, 16 at a time took a third longer in eval, and 256 at a time a sixth.
    least_lines = 64
    # From so many channels of a query on, the definition's matrix products are faster
    # in training; without positions there are fewer terms to save. Measured for 1 to 15
    # channels and 4 to 256 places, with one thread and with two.
    wide_head = 6
    wide_head_without_positions = 3

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Fast")

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, positions: RelativePositions | None
    ) -> Tensor:
        """What AxialAttention computes, by the fast form where nothing can tell."""
        if (
            self.norm_is_torchs_own()
            and self.norm_keeps_averages()
            and self.has_values(q)
            and self.has_float64(q)
            and not self.products_are_faster(q)
        ):
            return self.attend_fast(q, k, v, positions)
        return super().attend(q, k, v, positions)

    def norm_is_torchs_own(self) -> bool:
        """Whether calling bn_similarity would scale and shift, and do nothing more."""
        norm = self.bn_similarity
        known = type(norm) in (nn.BatchNorm2d, PatchBatchNorm2d)
        return known and norm.affine and not is_hooked(norm)

    def norm_keeps_averages(self) -> bool:
        """Whether bn_similarity has running statistics that go by a momentum."""
        norm = self.bn_similarity
        return norm.running_var is not None and norm.momentum is not None

    def has_values(self, q: Tensor) -> bool:
        """Whether the batch is not empty: else it has no variance."""
        return q.shape[0] > 0

    def has_float64(self, q: Tensor) -> bool:
        """Whether the device can compute a variance from sums; mps can't."""
        return not q.is_mps

    def products_are_faster(self, q: Tensor) -> bool:
        """Whether heads are so wide that the definition trains faster.

        In eval the fast form is about as fast for them, and bounds memory.
        """
        if not (self.bn_similarity.training or torch.is_grad_enabled()):
            return False
        channels, places = q.shape[2:4]
        if isinstance(places, torch.SymInt):
            # The choice must not fix the size of what is exported.
            return True
        wide = self.wide_head
        if self.relative is None:
            wide = self.wide_head_without_positions
        return channels >= wide or channels**2 >= places

    def attend_fast(
        self, q: Tensor, k: Tensor, v: Tensor, positions: RelativePositions | None
    ) -> Tensor:
        """`attend`, with bn_similarity as a factor of each term of the logits."""
        norm = self.bn_similarity
        # [N, H, c or d, L, O] -> [c or d, L, N, H, O]
        q, k, v = (t.permute(2, 3, 0, 1, 4) for t in (q, k, v))
        if norm.training:
            found = similarity_statistics(q, k, positions, patches_of(norm))
            take_steps(norm, found.mean, found.unbiased_var)
            var = found.var.to(norm.weight.dtype)
        else:
            var = norm.get_buffer("running_var")[None]
        images, others = q.shape[2] // len(var), q.shape[4]
        scales = self.scales(var).expand(-1, -1, images, -1, -1, others)
        lines = HeadLines(*(t.flatten(2) for t in (q, k, v, scales)))
        y = self.in_chunks(lines, positions)
        return torch.unflatten(y, 3, q.shape[2:]).to(v).permute(3, 4, 1, 0, 2, 5)

    def scales(self, var: Tensor) -> Tensor:
        """What bn_similarity multiplies a term by, for base 2: [terms, 1, 1, P, H, 1].

        What it adds is the same for all j, so softmax ignores it: the norm's bias has a
        gradient, which is zero. var: [P, terms * H]
        """
        norm = self.bn_similarity
        s = norm.weight / (var + norm.eps).sqrt() / math.log(2) + 0 * norm.bias
        terms = 1 if self.relative is None else 3
        return s.view(len(var), 1, 1, terms, self.heads, 1).transpose(0, 3)

    def in_chunks(
        self, lines: HeadLines, positions: RelativePositions | None
    ) -> Tensor:
        """`attend_lines` for all lines, no more logits at a time than `chunk`."""
        if torch.compiler.is_compiling() or bool(torch._C._get_tracing_state()):
            return attend_lines(lines, positions)
        with_gradients = torch.is_grad_enabled()
        logits = self.chunk // 2 if with_gradients else self.chunk
        count = max(logits // lines.q.shape[1] ** 2, self.least_lines)
        cut = [torch.split(t, count, 2) for t in lines]
        chunks = [HeadLines(*parts) for parts in zip(*cut, strict=True)]
        if with_gradients:
            return torch.cat([attend_lines(chunk, positions) for chunk in chunks], 3)
        # Made before the first chunk: else it would leave holes between the logits.
        outputs = 1 if positions is None else 2
        dtype = torch.promote_types(lines.v.dtype, torch.float32)
        y = lines.v.new_zeros(outputs, *lines.v.shape, dtype=dtype)
        for chunk, out in zip(chunks, torch.split(y, count, 3), strict=True):
            attend_lines(chunk, positions, out)
        return y


class FastAxialAttention_dynamic(FastAxialAttention, AxialAttention_dynamic):
    """AxialAttention_dynamic in the fast form."""


class FastAxialAttention_wopos(FastAxialAttention, AxialAttention_wopos):
    """AxialAttention_wopos in the fast form."""


class SimilarityStatistics(NamedTuple):
    """Of each term of the logits, [P, terms * H]; a norm normalises by `var`."""

    mean: Tensor
    var: Tensor
    unbiased_var: Tensor


def similarity_statistics(
    q: Tensor, k: Tensor, positions: RelativePositions | None, patches: int
) -> SimilarityStatistics:
    """The statistics of the logits of q and k, [c, L, N, H, O], without the logits.

    For a [c, i] and b [c, j], sum_ij (a^T b)_ij is (sum_i a_i)(sum_j b_j), and
    sum_ij (a^T b)_ij^2 is sum_cd (a a^T)_cd (b b^T)_cd: the same of products of rows.
    In float64, since E[t^2] - E[t]^2 cancels.
    """
    q, k = (torch.unflatten(t.double(), 2, (-1, patches)) for t in (q, k))
    _, places, images, _, _, others = q.shape
    count = places * places * images * others
    q, k = with_products(q), with_products(k)  # [1 + c, c, L, N / P, P, H, O]
    sums = [(q.sum(2) * k.sum(2)).sum((2, 5))]  # of each term [1 + c, c, P, H]
    if positions is not None:
        r_q = with_products(positions.q.double()).sum(3)  # over j: [1 + c, c, i]
        r_k = with_products(positions.k.double()).sum(2)  # over i: [1 + c, c, j]
        sums.append((q.sum((3, 6)) * r_q[..., None, None]).sum(2))
        sums.append((k.sum((3, 6)) * r_k[..., None, None]).sum(2))
    moments = (torch.stack(sums, 3).flatten(3) / count).sum(1)
    mean, squares = moments[0], moments[1:].sum(0)
    # Far from zero even float64 leaves less than nothing of a small variance.
    var = (squares - mean**2).clamp(min=0)
    return SimilarityStatistics(mean, var, var * count / (count - 1))


def with_products(rows: Tensor) -> Tensor:
    """[c, ...] -> [1 + c, c, ...]: the rows, and each of them times every row."""
    return torch.stack([rows, *(row * rows for row in rows)])


def attend_lines(
    lines: HeadLines, positions: RelativePositions | None, out: Tensor | None = None
) -> Tensor:
    """sv and sve of some lines, [outputs, d, i, lines].

    Without gradients they are added to `out`, zeros, and no other tensor is made. No
    other argument may share its memory: a compiler would not see it.
    """
    weights = unnormalised_weights(lines, positions)
    total = weights.sum(1)
    sve = []
    if positions is not None:
        sve.append((positions.v.transpose(0, 1) @ weights).transpose(0, 1))
    if out is None:
        sv = torch.stack([(weights * row).sum(1) for row in lines.v])
        return torch.stack([sv, *sve]).div(total)
    sv, values = out[0], lines.v[:, None].unbind(2)
    for weights_j, v_j in zip(weights.unbind(1), values, strict=True):
        sv.addcmul_(weights_j, v_j)
    if sve:
        out[1] = sve[0]
    return out.div_(total)


def unnormalised_weights(
    lines: HeadLines, positions: RelativePositions | None
) -> Tensor:
    """2^(logit - the greatest of all j), [i, j, lines]: outer products, summed up."""
    q, k = lines.q[:, :, None], lines.k[:, None]  # [c, i, 1, lines], [c, 1, j, lines]
    factors = [(lines.scales[0] * k, q)]
    if positions is not None:
        factors.append((lines.scales[1] * q, positions.q[..., None]))
        factors.append((lines.scales[2] * k, positions.k[..., None]))
    (a, b), *rest = (rows for pair in factors for rows in zip(*pair, strict=True))
    logits: Tensor = a * b
    for a, b in rest:
        logits.addcmul_(a, b)
    return logits.sub_(logits.detach().amax(1, keepdim=True)).exp2_()

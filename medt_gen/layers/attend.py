"""Softmax attention with relative positions, and its derivative."""

from typing import Any

import torch
from torch import Tensor


def dot(q: Tensor, k: Tensor) -> Tensor:
    """q^T k: [*, c, L] and [*, c, L] -> [*, L, L]"""
    return q.mT * k if q.shape[-2] == 1 else q.mT @ k  # BLAS is slow at c = 1


def by_place(x: Tensor) -> Tensor:
    """[*, r, L] -> [L, r, B], its matrices ready for BLAS"""
    return x.flatten(0, -3).permute(2, 1, 0).contiguous()


def attention_logits(q: Tensor, k: Tensor, *relative: Tensor) -> Tensor:
    """q_i k_j + q_r,i R_q[i-j] + k_r,j R_k[j-i]: [*, L, L] for q, k, q_r, k_r [*, c, L]"""
    result = dot(q, k)
    if relative:
        q_r, k_r, r_q, r_k, _ = relative
        for q_c, k_c, rq_c, rk_c in zip(
            q_r.unbind(-2), k_r.unbind(-2), r_q, r_k, strict=True
        ):
            result.addcmul_(q_c[..., None], rq_c).addcmul_(k_c[..., None, :], rk_c)
    return result


def attention_outputs(weights: Tensor, v: Tensor, *relative: Tensor) -> Tensor:
    """sum_j S_ij v_j and sum_j S_ij R_v[i-j]: [*, d, 1 or 2, L] for v [*, d, L]"""
    sv = v @ weights.mT
    if not relative:
        return sv.unsqueeze(-2)
    sve = relative[-1] @ weights.flatten(0, -3).permute(1, 2, 0)
    return torch.stack((sv, sve.permute(2, 1, 0).view_as(v)), -2)


def attention(v: Tensor, q: Tensor, k: Tensor, *relative: Tensor) -> Tensor:
    """relative: q_r, k_r and the tables R_q, R_k [c, i, j], R_v [i, d, j]; or nothing"""
    weights = attention_logits(q, k, *relative).softmax(-1).to(v.dtype)
    return attention_outputs(weights, v, *relative)


class LeanAttention(torch.autograd.Function):
    """`attention`, which keeps only its softmax for the backward pass."""

    @staticmethod
    def forward(ctx: Any, *given: Tensor) -> Tensor:
        v, q, k, *relative = given
        with torch.autocast(v.device.type, enabled=False):
            weights = attention_logits(q, k, *relative).softmax(-1)
            y = attention_outputs(weights, v, *relative)
        ctx.save_for_backward(*given, weights, y)
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, ...]:
        """With D = sum_d dy y, the softmax's derivative is dl = S (dS - D)."""
        v, q, k, *relative, weights, y = ctx.saved_tensors
        if torch.is_grad_enabled():  # of the derivative, too: leave it to autograd
            given = (v, q, k, *relative)
            return torch.autograd.grad(attention(*given), given, dy, create_graph=True)
        dsv = dy.select(-2, 0)
        dl = dsv.mT @ v
        if relative:
            q_r, k_r, r_q, r_k, r_v = relative
            dsve = by_place(dy.select(-2, 1))
            dl.flatten(0, -3).add_((dsve.mT @ r_v).transpose(0, 1))
        dl.sub_((dy * y).sum((-3, -2))[..., None]).mul_(weights)
        grads = [dsv @ weights, k @ dl.mT, q @ dl]
        if relative:
            weights_i, dl_i = (t.flatten(0, -3).transpose(0, 1) for t in (weights, dl))
            grads.append((r_q.transpose(0, 1) @ dl_i.mT).permute(2, 1, 0).view_as(q))
            grads.append(torch.stack([(dl * r).sum(-2) for r in r_k], -2))
            grads.append((by_place(q_r) @ dl_i).transpose(0, 1))
            dr_k = [
                (dl * k_c[..., None, :]).flatten(0, -3).sum(0) for k_c in k_r.unbind(-2)
            ]
            grads += [torch.stack(dr_k), dsve @ weights_i]
        return tuple(grads)

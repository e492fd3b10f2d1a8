"""Moments of matrix products, from Gram matrices."""

import torch
from torch import Tensor


def product_sums(a: Tensor, b: Tensor) -> Tensor:
    """[2, *]: the sums of a^T b and of its square; a [*, R, c, m], b [*, R, c, n] or less.

    sum_ij (a^T b)_ij^2 = sum_cd (a a^T)_cd (b b^T)_cd, so no m x n matrix is made. In
    float64, because the variance that follows is a difference of large numbers.
    """
    a, b = a.double(), b.double()
    total = (a.sum(-1) * b.sum(-1)).sum((-2, -1))
    squares = ((a @ a.mT) * (b @ b.mT)).sum((-3, -2, -1))
    return torch.stack((total, squares))

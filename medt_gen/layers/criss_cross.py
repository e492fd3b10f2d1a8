"""Attention of each place of an image to its row and its column."""

import torch
from torch import Tensor, nn


class CrissCrossAttention(nn.Module):
    """Criss-cross attention (Huang et al., arXiv:1811.11721, eq. 1 to 3).

    A place has a query q, a key k and a value v. It attends to the places p of its row
    and its column, to itself once, with one softmax S over all of them:

        y = gamma * sum over p of S_p v_p + x,    S = softmax of q k_p

    channels: in and out
    reduction: by which queries and keys are narrower than the channels (ValueError
        where nothing is left)
    """

    draws_own_weights = True

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        width = channels // reduction
        if width < 1:
            raise ValueError(f"{channels} channels leave none for a query")
        self.query_conv = nn.Conv2d(channels, width, 1)
        self.key_conv = nn.Conv2d(channels, width, 1)
        self.value_conv = nn.Conv2d(channels, channels, 1)
        self.softmax = nn.Softmax(dim=3)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W] -> [N, C, H, W]"""
        q, k, v = self.query_conv(x), self.key_conv(x), self.value_conv(x)
        column = torch.einsum("nchw,ncgw->nhwg", q, k)  # places of the same w
        row = torch.einsum("nchw,nchu->nhwu", q, k)  # places of the same h
        itself = torch.eye(x.shape[2], dtype=torch.bool, device=x.device)
        column = column.masked_fill(itself[:, None], -torch.inf)
        weights = self.softmax(torch.cat((column, row), dim=3))
        of_column, of_row = torch.split(weights, [x.shape[2], x.shape[3]], dim=3)
        y = torch.einsum("nhwg,ncgw->nchw", of_column, v)
        y = y + torch.einsum("nhwu,nchu->nchw", of_row, v)
        return self.gamma * y + x

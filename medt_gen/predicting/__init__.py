"""Masks from trained networks, for images of any size, and their scores.

May import: runs, scores, torch.
"""

"""Checkpoints: the keys of a state_dict with their shapes, and never a value.

May import: files, paths, torch.
"""

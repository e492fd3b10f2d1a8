"""Checkpoints and texts of them: keys of a state_dict, shapes, and where asked values.

May import: files, paths, torch.
"""

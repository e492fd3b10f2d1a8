"""Paths of modules, and the keys of a state_dict with the shapes behind them.

May import: nothing of ours.
"""

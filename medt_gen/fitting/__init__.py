"""Which weights fit which network: why they don't load, and what would make them.

May import: compare, runtime, torch.
"""

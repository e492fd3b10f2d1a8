"""Axial attention, patches and norms that know them: torch code, imported by what is
built and copied into what is emitted.

May import: torch.
"""

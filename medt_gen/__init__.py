"""medt-gen: a compiler from architecture specs to PyTorch models."""

__version__ = "0.1.0"

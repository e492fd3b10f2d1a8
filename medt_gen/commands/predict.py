"""`medt-gen predict`: masks from a trained network."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""


def run(arguments: argparse.Namespace) -> int:
    """To be."""
    return 0

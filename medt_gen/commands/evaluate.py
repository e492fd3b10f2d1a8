"""`medt-gen evaluate`: the scores of trained networks on a folder of images."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""


def run(arguments: argparse.Namespace) -> int:
    """To be."""
    return 0

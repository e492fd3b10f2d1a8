"""A mutation fuzzer for everything that medt-gen reads: `python -m tools.fuzz`."""

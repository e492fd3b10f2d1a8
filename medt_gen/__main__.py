"""`python -m medt_gen` is `medt-gen`."""

from medt_gen.cli import run

if __name__ == "__main__":
    run()

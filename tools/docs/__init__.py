"""The pages of the documentation that are run: their commands, files and outputs."""

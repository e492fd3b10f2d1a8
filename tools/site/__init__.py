"""The documentation as a site: built from docs/ and the pages beside the README."""

"""A spec as it is written: YAML to nodes with places, what it extends, its keys and
pipes, and the declarations that they come to.

May import: catalog, files.
"""

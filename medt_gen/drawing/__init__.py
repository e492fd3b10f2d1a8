"""How a network looks: its flow as boxes and edges, on a grid, and in points.

May import: network.
"""

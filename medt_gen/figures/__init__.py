"""Figures for papers: a drawing as SVG, PDF, PNG, TikZ, and as text in Mermaid.

May import: drawing.
"""

"""Stored descriptions of living models, for the pytest plugin."""

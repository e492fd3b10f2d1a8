"""Declarations -> a resolved network: types, channels, features and spans."""

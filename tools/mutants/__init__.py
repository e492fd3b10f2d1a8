"""A seeded sample of mutants, each run against its room's own tests."""

"""A resolved network -> Python source."""

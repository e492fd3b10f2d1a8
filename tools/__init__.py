"""What the project measures itself with; no part of the package."""

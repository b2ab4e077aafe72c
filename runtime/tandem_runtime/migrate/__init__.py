"""The `migrate` function."""

"""The `verify` function."""

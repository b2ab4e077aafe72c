"""The `recover` function."""

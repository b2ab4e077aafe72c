"""The `sweeper` function."""

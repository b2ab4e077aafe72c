"""The `projector` function."""

"""The `takeover` function."""

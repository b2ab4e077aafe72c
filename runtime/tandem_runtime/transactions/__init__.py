"""The `transactions` function."""

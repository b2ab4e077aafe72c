"""tandem_runtime."""

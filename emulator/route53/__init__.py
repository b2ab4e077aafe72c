"""Route 53's data plane: names that are answered, and health checks that are made."""

"""`transactions`, the function behind the HTTP API."""

"""`canary`, the function that posts a tiny transaction to each Region every minute and says what became of it."""

"""Clients that survive the loss of a Region: by IAM, and by JWT."""

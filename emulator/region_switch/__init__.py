"""ARC Region switch: plans, their executions, and the protocols that its API speaks."""

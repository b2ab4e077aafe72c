"""API Gateway: what a function is told of a request."""

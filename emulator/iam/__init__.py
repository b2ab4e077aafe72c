"""IAM: whether a caller may make a request, and which resources the request names."""

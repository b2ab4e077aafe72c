"""Examples to copy from: clients of the API, and another service on Tandem's constructs."""

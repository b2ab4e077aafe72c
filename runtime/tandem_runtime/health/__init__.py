"""`health`, the function that says whether its Region can take transactions."""

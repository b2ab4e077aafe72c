"""`stream`, the function that sees to it that a table of its Region has a stream."""

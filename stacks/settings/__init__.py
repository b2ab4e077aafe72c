"""A stage's settings: the file, its tables, the kinds of value, and the words for mistakes."""

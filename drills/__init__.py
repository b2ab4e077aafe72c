"""Rehearsals of failures on an embedded AWS, under load, and the report of what they showed."""

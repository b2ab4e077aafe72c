"""Verifying a stage on AWS from nothing to nothing: its steps, in their order, and one report."""

"""Lambda's execution environments, and the event source mappings that invoke functions."""

"""The stacks of a stage, and the settings that they are built from."""

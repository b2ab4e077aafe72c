"""The embedded AWS: two Regions on one machine, in one process. It knows nothing of Tandem's stacks."""

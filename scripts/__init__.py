"""Programs that `make` runs: they build what others use."""

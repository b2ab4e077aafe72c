"""The figures in the documentation come from here: run `python -m benchmarks`."""

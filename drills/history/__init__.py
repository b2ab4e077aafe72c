"""What happened in a drill: one append-only list of typed events, of which every figure is a function."""

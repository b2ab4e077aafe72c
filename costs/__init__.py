"""What a stage costs: read from its synthesized templates and from a dated price table, never from a bill."""

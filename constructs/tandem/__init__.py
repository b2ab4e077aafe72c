"""Tandem's constructs: one module per capability. They know CDK, and nothing of stages or settings files."""

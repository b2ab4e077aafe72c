"""Another two-Region service, made of Tandem's constructs."""

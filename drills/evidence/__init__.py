"""What makes a drill's folder evidence: where it comes from, a manifest of its files, a signature, and the trend."""

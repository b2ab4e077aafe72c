"""What AWS's own machine-readable rules refuse, refused here too."""

"""What runs in Lambda: one package per function, and the modules they share."""

"""What an operator does with a deployed stage, on AWS or on the embedded one; it knows no drill and no emulator."""

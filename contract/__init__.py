"""What more than one room must agree on: it imports nobody, needs the standard library only, and anybody imports it."""

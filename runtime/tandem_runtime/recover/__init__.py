"""`recover`, the function that starts the recovery of a lost primary Region."""

"""`capacity`, the function that says whether a Region has room for what the other one does."""

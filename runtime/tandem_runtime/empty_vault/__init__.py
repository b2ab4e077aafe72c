"""`empty_vault`, the function that a destroyable stage empties its backup vaults with."""

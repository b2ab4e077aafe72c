"""A deployed stage to play with: a local page and commands that lose a Region, bring it back, and show what happens."""

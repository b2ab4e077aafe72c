"""Clients of the API as a drill runs them: they resolve its name, send transactions and record the answers."""

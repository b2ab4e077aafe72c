"""What MiniStack made of each wrong case before the gates: a fact that every case of this folder carries.

`test_before_the_gates.py` sends all of them to an embedded AWS whose gates are off, and holds each case to its fact.
"""

from __future__ import annotations

TAKEN = "taken"
"""Done as if it were right."""

OVERLOOKED = "overlooked"
"""Refused for another reason than AWS's, mostly because what it names does not exist."""

REFUSED = "refused"
"""Refused by MiniStack itself, or by our resource types: the gate comes first and says it in AWS's words."""

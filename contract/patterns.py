"""What a stage, a Region, a zone and an account look like: one rule for the settings and the command."""

from __future__ import annotations

import re

STAGE_PATTERN = r"(?=.{2,16}\Z)[a-z](-?[a-z0-9])+"
"""What a stage may be called, in full.

RDS takes no identifier that ends in a hyphen or holds two in a row (RDS API, CreateDBCluster), and whatever is named
after a stage of 16 characters fits everywhere.
"""

STAGE_RULE = "2 to 16 lower-case letters, digits and single hyphens, from a letter to a letter or digit"
"""`STAGE_PATTERN` in words."""

REGION_PATTERN = r"[a-z]{2}(-[a-z]+)+-[0-9]"
ZONE_PATTERN = REGION_PATTERN + "[a-z]"
ACCOUNT_PATTERN = r"[0-9]{12}"

EMBEDDED_ACCOUNT = "000000000000"
"""The account of the embedded AWS, which no customer of AWS has: drills and tests deploy to it."""


def is_stage(text: str) -> bool:
    """Say whether `text` may name a stage."""
    return re.fullmatch(STAGE_PATTERN, text) is not None


def is_region(text: str) -> bool:
    """Say whether `text` looks like the name of a Region."""
    return re.fullmatch(REGION_PATTERN, text) is not None

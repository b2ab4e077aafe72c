"""What tells two deployments of a stage apart by their settings."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHARACTERS = 12


def version_of(settings: Mapping[str, Any]) -> str:
    """Return a short digest of a stage's settings, the same for the same settings in whatever order they stand."""
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_CHARACTERS]

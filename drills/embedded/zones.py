"""The hosted zone that a stage's settings import: it stands in the account before the stage is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drills.embedded.control import Control


def imported_zone(settings: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the id and the name of the zone that settings import, the parent's for a child; None for no such zone."""
    domain = settings.get("domain")
    if not isinstance(domain, dict) or not domain.get("hosted_zone_id"):
        return None
    name = domain.get("parent_name") if domain.get("zone") == "child" else domain.get("name")
    return (str(domain["hosted_zone_id"]), str(name)) if name else None


def make_imported_zone(control: Control, settings: Mapping[str, Any]) -> None:
    """Make the zone that the settings import, unless it is there or they import none."""
    zone = imported_zone(settings)
    if zone is not None:
        control.make_zone(*zone)

"""Whether a Region that a plan has activated holds what it must: it writes the ledger, and a sweep has gone through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class NotActiveError(Exception):
    """The Region is not whole yet: the plan's step fails, and is tried again until its time is up."""


class ActivatedRegion(Protocol):
    """The Region that a plan has activated."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def writes_ledger(self) -> bool:
        """Whether its cluster is the global database's writer."""
        ...

    def sweep(self) -> Mapping[str, Any]:
        """Sweep the journal into the ledger; answers as the sweeper does."""
        ...


def verify(region: ActivatedRegion) -> dict[str, Any]:
    """Say what the sweep read and inserted; raises `NotActiveError` when the Region cannot write its ledger."""
    if not region.writes_ledger():
        raise NotActiveError(f"{region.name} is not the ledger's writer: the database has not moved yet")
    swept = region.sweep()
    if not swept.get("swept"):
        raise NotActiveError(f"{region.name}'s sweeper found a {swept.get('role', 'failing')} ledger, not a writer")
    return {"verified": True, "read": swept.get("read"), "inserted": swept.get("inserted")}

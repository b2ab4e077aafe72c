"""Whether a Region that a plan has activated holds what it must: it writes the ledger, and a sweep has gone through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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

    def sweep(self, request: str | None) -> Mapping[str, Any]:
        """Sweep the journal from the marks on, or go on with `request`; answers as the sweeper does."""
        ...


def verify(region: ActivatedRegion, *, wait: Callable[[], bool]) -> dict[str, Any]:
    """Say what the sweep read and inserted; raises `NotActiveError` when the Region cannot write its ledger.

    A run of the sweeper is short, and only one works at a time: so it is asked until nothing is left. `wait` waits
    until it is to be asked again, and says whether there is time for that.
    """
    if not region.writes_ledger():
        raise NotActiveError(f"{region.name} is not the ledger's writer: the database has not moved yet")
    request, read, inserted = None, 0, 0
    while True:
        swept = region.sweep(request)
        if not swept.get("swept") and not swept.get("busy"):
            raise NotActiveError(f"{region.name}'s sweeper found a {swept.get('role', 'failing')} ledger, not a writer")
        request = swept.get("request") or request
        read, inserted = read + swept.get("read", 0), inserted + swept.get("inserted", 0)
        if swept.get("done"):
            return {"verified": True, "read": read, "inserted": inserted}
        if not wait():
            raise NotActiveError(f"{region.name}'s sweep is not through yet: it has read {read} items")

"""Where two ledgers differ: by minute first, then by account, and only there by transaction.

A minute's digest is a count and a sum of hashes, in which the order of the rows plays no part. Two ledgers that are
equal cost one row a minute, however many entries they hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_MINUTES = 20
"""Differing minutes that are looked into; the rest are counted."""

MOST_TRANSACTIONS = 100
"""Transactions that are named; the rest are counted."""

Digest = tuple[int, str]
"""How many entries there are, and the sum of their hashes."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """From a time on and before another, both RFC 3339 in UTC."""

    since: str
    until: str


class Ledger(Protocol):
    """One Region's ledger, as it is compared."""

    @property
    def region(self) -> str:
        """Its Region."""
        ...

    @property
    def replica(self) -> bool:
        """Whether it replicates the other one."""
        ...

    def minutes(self, span: Span) -> Mapping[str, Digest]:
        """A digest for each minute in which something was recorded."""
        ...

    def accounts(self, minute: str) -> Mapping[str, Digest]:
        """A digest for each account of a minute."""
        ...

    def transactions(self, minute: str, account: str) -> Mapping[str, str]:
        """The ids of an account's transactions of a minute, each with the hash of what the ledger holds of it."""
        ...


@dataclass
class _Detail:
    differences: list[dict[str, Any]] = field(default_factory=list)
    named: int = 0
    more: bool = False


def compare(near: Ledger, far: Ledger, span: Span, *, later: Callable[[], bool]) -> dict[str, Any]:
    """Compare two ledgers; both raise LedgerUnavailableError when they are away.

    What differs is looked at again while `later` says, after a pause of its own, that there is time for it: a replica
    is behind by less than that, and a row that the other ledger will have in a moment is no difference.
    """
    digests = {ledger.region: ledger.minutes(span) for ledger in (near, far)}
    differing = _differing(digests[near.region], digests[far.region])
    while differing and later():
        digests = {ledger.region: ledger.minutes(span) for ledger in (near, far)}
        differing = _differing(digests[near.region], digests[far.region])
    detail = _Detail(more=len(differing) > MOST_MINUTES)
    for minute in differing[:MOST_MINUTES]:
        _look_into(minute, near, far, detail)
    return {
        **vars(span),
        "minutes": len(set().union(*digests.values())),
        "entries": {region: sum(count for count, _ in minutes.values()) for region, minutes in digests.items()},
        "writers": [ledger.region for ledger in (near, far) if not ledger.replica],
        "differing_minutes": len(differing),
        "differences": detail.differences,
        "more": detail.more,
    }


def _look_into(minute: str, near: Ledger, far: Ledger, detail: _Detail) -> None:
    for account in _differing(near.accounts(minute), far.accounts(minute)):
        held = {ledger.region: ledger.transactions(minute, account) for ledger in (near, far)}
        for each in _differing(held[near.region], held[far.region]):
            if detail.named == MOST_TRANSACTIONS:
                detail.more = True
                return
            detail.named += 1
            regions = [region for region, transactions in held.items() if each in transactions]
            detail.differences.append({"minute": minute, "account": account, "transaction": each, "in": regions})


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    return sorted(key for key in {*one, *other} if one.get(key) != other.get(key))

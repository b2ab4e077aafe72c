"""Check what must hold by looking at journals and ledgers themselves, never by asking the code under test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.model.regions import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tandem_runtime.shared.problems import Problem
    from tests.model.world import Acknowledged, World

__all__ = ["Truth", "Violation"]

_ACCOUNTED = """
SELECT id::text, payload_hash FROM ledger.transactions
UNION ALL SELECT transaction_id::text, payload_hash FROM ledger.conflicts
UNION ALL SELECT transaction_id::text, payload_hash FROM ledger.rejections
"""
_POSTED = """
SELECT t.id::text, t.payload_hash, e.account::text, e.currency::text, e.amount
FROM ledger.transactions t LEFT JOIN ledger.entries e ON e.transaction_id = t.id
"""
_UNBALANCED = """
SELECT account, currency, sum(amount) AS total, max(balance) FROM ledger.entries
FULL JOIN ledger.balances USING (account, currency)
GROUP BY account, currency HAVING sum(amount) IS DISTINCT FROM max(balance)
"""
_ONE_SIDED = "SELECT currency, sum(amount) FROM ledger.entries GROUP BY currency HAVING sum(amount) <> 0"
_BARE_ENTRIES = """
SELECT transaction_id FROM ledger.entries e
WHERE NOT EXISTS (SELECT FROM ledger.transactions t WHERE t.id = e.transaction_id)
"""

Version = tuple[str, str]
"""A transaction's id and the hash of one payload of it."""


class Violation(AssertionError):  # noqa: N818 - what pytest and hypothesis report reads better so
    """What Tandem promises does not hold."""


def _must(holds: object, message: str) -> None:
    if not holds:
        raise Violation(message)


class Truth:
    """The promises, each checked where it could be broken."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._versions: dict[Version, tuple[str, int]] = {}
        self._names: dict[str, str] = {}

    # ---- answers ----
    def version_of(self, key: str, payload: int) -> Version:
        from tests.model.world import transaction_for  # noqa: PLC0415 - the world imports this module when it is made

        transaction = transaction_for(key, payload)
        version = transaction.transaction_id, transaction.payload_hash
        self._versions[version] = key, payload
        self._names[transaction.transaction_id] = key
        return version

    def of_an_answer(self, given: Acknowledged) -> None:
        """A retry has the first answer, unless the other Region took the same key while it was out of reach."""
        self.version_of(given.key, given.payload)
        known = (each for each in self._world.acknowledged if (each.key, each.payload) == (given.key, given.payload))
        before = [each.body for each in known]
        if before and given.body not in before:
            fresh = (given.body["origin"], given.region) in ((REGIONS[0], 0), (REGIONS[1], 1))
            _must(
                fresh and (self._world.cut or self._world.lost is not None),
                f"a retry of {given.key} was answered {given.body}, and {before} before",
            )

    def of_a_refusal(self, problem: Problem, region: int, key: str, payload: int) -> None:
        """A conflict is told only of a key that has another payload."""
        others = [each for each in self._world.acknowledged if each.key == key and each.payload != payload]
        _must(problem.status == 409 and others, f"{key} was refused in Region {region}: {problem}")

    # ---- projection and sweep ----
    def of_an_advance(self, region: int, records: Sequence[dict[str, Any]]) -> None:
        """No checkpoint passes a transaction that the Region's ledger does not account for at that moment."""
        wanted = set()
        for record in records:
            image = record["dynamodb"].get("NewImage", {})
            if image.get("pk", {}).get("S", "").startswith("transaction#"):
                wanted.add((image["transaction_id"]["S"], image["payload_hash"]["S"]))
        role = self._world.ledgers.roles[region]
        for version in self._unaccounted(region, wanted):
            raise Violation(f"the checkpoint of {REGIONS[region]} ({role}) passed {self._say(version)}")

    def of_a_mark(self, region: int, origin: str, mark: datetime | None) -> None:
        """A mark vouches for everything that its origin acknowledged before it, visible in this Region or not."""
        if mark is None:
            return
        limit = mark.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        behind = [each for each in self._world.acknowledged if each.body["origin"] == origin]
        behind = [each for each in behind if each.body["recorded_at"] < limit]
        home = REGIONS.index(origin)
        held = self._world.tables.items(home) if behind and home != self._world.lost else None
        wanted = set()
        for each in behind:
            version = self.version_of(each.key, each.payload)
            # a later write of the other Region replaced it in the journal: no mark speaks of what the journal lacks
            if held is None or held[version[0]]["recorded_at"]["S"] == each.body["recorded_at"]:
                wanted.add(version)
        for version in self._unaccounted(region, wanted):
            what = self._say(version)
            raise Violation(f"the mark {limit} of {origin} vouches for {what}, which Region {region} does not hold")

    def _unaccounted(self, region: int, wanted: set[Version]) -> set[Version]:
        """Which of them are neither posted with that payload, nor recorded as refused, conflicting or malformed."""
        missing = wanted - self._accounted(region) if wanted else set()
        if missing:
            missing -= self._quarantined(each for each in (0, 1) if each != self._world.lost)
        return missing

    def _accounted(self, region: int) -> set[Version]:
        if not self._world.ledgers.nodes[region].running:
            return set()  # a superseded node that was killed: it shows nothing, and only quarantine can pass records
        return {(row[0], row[1]) for row in self._world.ledgers.rows(region, _ACCOUNTED)}

    def _quarantined(self, regions: Iterable[int]) -> set[Version]:
        found = set()
        for region in regions:
            for item in self._world.tables.quarantined(region):
                image = json.loads(item["image"]["S"])
                found.add((image["transaction_id"]["S"], image["payload_hash"]["S"]))
        return found

    def _say(self, version: Version) -> str:
        known = self._versions.get(version)
        return f"payload {known[1]} of {known[0]}" if known else f"{version[0]} with payload {version[1][:8]}"

    # ---- the end ----
    def of_the_end(self) -> None:
        """Everything was repaired, drained and swept."""
        self._of_each_transaction()
        journals = [self._world.tables.items(region) for region in (0, 1)]
        _must(journals[0] == journals[1], "the journals differ")
        for region in (0, 1):
            self._of_the_ledger(region, set(journals[region]))
            unread = self._world.tables.streams[region].unread
            _must(unread == 0, f"{unread} records block the stream of {REGIONS[region]}")
        quarantined = {item["sk"]["S"].partition("#")[2] for item in self._world.tables.quarantined(0)}
        for key in self._world.malformed:
            _must(any(key.partition("#")[2] in each for each in quarantined), f"malformed {key} is not in quarantine")
        self._of_the_marks()
        self._of_retries()

    def _of_each_transaction(self) -> None:
        versions = {self.version_of(each.key, each.payload) for each in self._world.acknowledged}
        for region in (0, 1):
            posted: dict[Version, list[list[Any]]] = {}
            for row in self._world.ledgers.rows(region, _POSTED):
                posted.setdefault((row[0], row[1]), []).append(row[2:])
            for version, entries in posted.items():
                _must(version in versions, f"nobody acknowledged {self._say(version)}, which Region {region} holds")
                self._of_entries(region, version, entries)
            for version in versions - posted.keys():
                self._of_what_is_not_posted(region, version, posted.keys())

    def _of_entries(self, region: int, version: Version, entries: list[list[Any]]) -> None:
        from tests.model.world import transaction_for  # noqa: PLC0415 - as above

        due = transaction_for(*self._versions[version])
        expected = [[due.debit_account, due.currency, due.amount], [due.credit_account, due.currency, -due.amount]]
        _must(sorted(entries) == sorted(expected), f"{self._say(version)} has entries {entries} in Region {region}")

    def _of_what_is_not_posted(self, region: int, version: Version, posted: Iterable[Version]) -> None:
        """The database refused it, or another payload of the same key took its place: both are on record."""
        from tests.model.world import REFUSED_PAYLOAD  # noqa: PLC0415 - as above

        recorded = version in self._accounted(region) or version in self._quarantined((0, 1))
        replaced = any(each[0] == version[0] for each in posted)
        refused = self._versions[version][1] == REFUSED_PAYLOAD
        others = {each.payload for each in self._world.acknowledged if each.key == self._versions[version][0]}
        _must(
            recorded and (replaced or refused or REFUSED_PAYLOAD in others),
            f"acknowledged {self._say(version)} is lost: Region {region} "
            + ("holds another payload and no record of this one" if replaced else "does not hold it"),
        )

    def _of_the_ledger(self, region: int, journalled: set[str]) -> None:
        rows = self._world.ledgers.rows
        _must(not rows(region, _UNBALANCED), f"balances of Region {region} are not the sums of their entries")
        _must(not rows(region, _ONE_SIDED), f"debits and credits of Region {region} differ")
        _must(not rows(region, _BARE_ENTRIES), f"Region {region} has entries without a transaction")
        held = {row[0] for row in rows(region, "SELECT id::text FROM ledger.transactions")}
        _must(held <= journalled, f"Region {region} holds {held - journalled}, which no journal has")

    def _of_the_marks(self) -> None:
        ledgers = self._world.ledgers
        marks = dict(ledgers.rows(ledgers.writer, "SELECT origin, mark FROM ledger.sweep_marks"))
        for each in self._world.acknowledged:
            mark = marks.get(each.body["origin"])
            limit = mark.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if mark else ""
            _must(each.body["recorded_at"] < limit, f"no mark came to vouch for {each.key}: {marks}")

    def _of_retries(self) -> None:
        """Every client that asks again hears the same from both Regions: what one of them said first, or a conflict."""
        given = list(self._world.acknowledged)
        for key, payload in {(each.key, each.payload): None for each in given}:
            answered = [self._world.post(region, key, payload) for region in (0, 1)]
            if not all(answered):
                _must(
                    any(each.key == key and each.payload != payload for each in given), f"a retry of {key} was refused"
                )
                continue
            first, second = self._world.acknowledged[-2:]
            said = [each.body for each in given if (each.key, each.payload) == (key, payload)]
            _must(first.body == second.body and first.body in said, f"retries of {key}: {first.body}, {second.body}")

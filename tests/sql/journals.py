"""A journal in memory, as sweeps read it, which counts what it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.journal import Entry, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tandem_runtime.shared.transaction import Transaction


class MemoryJournal:
    """What `transactions` say; `asked` are the partitions of the time index that were read."""

    def __init__(self, *transactions: Transaction, page: int = 3, told: bool = True) -> None:
        self.items: dict[str, dict[str, Any]] = {each.to_item()["pk"]["S"]: each.to_item() for each in transactions}
        self.asked: list[tuple[str, str, str]] = []
        self.entries = 0
        self.scanned: list[str] = []
        self.fetched: list[str] = []
        self.before_fetch: Callable[[], None] = lambda: None
        self._page, self._told = page, told

    def entries_in(self, bucket: str, since: str, before: str) -> Iterator[Entry]:
        self.asked.append((bucket, since, before))
        for entry in sorted(map(self._entry, self.items.values())):
            if self.items[entry.key]["bucket"]["S"] == bucket and since <= entry.recorded_at < before:
                self.entries += 1
                yield entry

    def scan(self, segment: int, segments: int, after: str | None) -> Page:
        keys = [key for key in sorted(self.items) if sum(key.encode()) % segments == segment]
        keys = [key for key in keys if after is None or key > after]
        page = keys[: self._page]
        self.scanned += page
        return Page([self._entry(self.items[key]) for key in page], page[-1] if len(keys) > len(page) else None)

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        asked = list(keys)
        self.before_fetch()
        self.fetched += asked
        return iter([self.items[key] for key in asked if key in self.items])

    def _entry(self, item: Mapping[str, Any]) -> Entry:
        return Entry(item["recorded_at"]["S"], item["pk"]["S"], item["payload_hash"]["S"] if self._told else "")

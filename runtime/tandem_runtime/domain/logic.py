"""The part of checked paths that nobody can guess, and the records by which ACM validated certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

VALIDATION = ".acm-validations.aws"
"""How the value of a validation record ends (ACM User Guide, DNS validation)."""


class Kept(Protocol):
    """Where a Region keeps the part."""

    def read(self) -> str | None:
        """The part, None where none is kept."""
        ...

    def write(self, part: str) -> None:
        """Keep it, in the place of another one."""
        ...

    def remove(self) -> None:
        """Keep none."""
        ...


def one_part(regions: Sequence[Kept], make: Callable[[], str]) -> str:
    """The part that all Regions keep: the first Region's, or another one's where it has none, or a new one.

    It may be asked again at any time, and then changes nothing: the paths in use end in what was made at first.
    """
    kept = [region.read() for region in regions]
    part = next((each for each in kept if each), None) or make()
    for region, before in zip(regions, kept, strict=True):
        if before != part:
            region.write(part)
    return part


def validations(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of a zone's record sets that validate certificates."""
    return [each for each in records if each["Type"] == "CNAME" and _validates(each)]


def _validates(record: Mapping[str, Any]) -> bool:
    values = [str(each["Value"]).rstrip(".").lower() for each in record.get("ResourceRecords", ())]
    return bool(values) and all(value.endswith(VALIDATION) for value in values)

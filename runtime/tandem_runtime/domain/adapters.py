"""A Region's Parameter Store, and a hosted zone of Route 53."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tandem_runtime.domain.logic import validations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_AT_ONCE = 500
"""Changes in one request: Route 53 takes 1,000 at most (API Reference, ChangeResourceRecordSets)."""


@dataclass(frozen=True)
class Parameter:
    """The parameter `name` of the Region that `ssm` calls."""

    ssm: Any
    name: str

    def read(self) -> str | None:
        """Its value, None where there is none."""
        try:
            return str(self.ssm.get_parameter(Name=self.name)["Parameter"]["Value"])
        except self.ssm.exceptions.ParameterNotFound:
            return None

    def write(self, part: str) -> None:
        """Set its value."""
        about = "ends the paths that health checks ask"
        self.ssm.put_parameter(Name=self.name, Value=part, Type="String", Overwrite=True, Description=about)

    def remove(self) -> None:
        """Delete it, if it is there."""
        with contextlib.suppress(self.ssm.exceptions.ParameterNotFound):
            self.ssm.delete_parameter(Name=self.name)


@dataclass(frozen=True)
class Zone:
    """The record sets of the hosted zone `zone_id`."""

    route53: Any
    zone_id: str

    def remove_validations(self) -> int:
        """Delete every record that validates a certificate; return how many there were."""
        records = validations(self._records())
        for first in range(0, len(records), _AT_ONCE):
            changes = [{"Action": "DELETE", "ResourceRecordSet": each} for each in records[first : first + _AT_ONCE]]
            self.route53.change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes})
        return len(records)

    def _records(self) -> Iterator[Mapping[str, Any]]:
        pages = self.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=self.zone_id)
        for page in pages:
            yield from page["ResourceRecordSets"]

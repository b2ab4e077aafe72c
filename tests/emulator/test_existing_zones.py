"""A zone whose id settings name stands before the stage does, and is a zone like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

import urllib.error

from tests.emulator.running import Running, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

ID, NAME = "Z0123456789ABC", "tandem-rehearsal.net"


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("existing-zones") as running:
        running.control(f"zones/{ID}/{NAME}")
        yield running


def test_it_has_the_id_and_the_name_that_were_asked_for_and_its_first_records(aws: Running) -> None:
    zone = aws.client("route53").get_hosted_zone(Id=ID)
    assert (zone["HostedZone"]["Id"], zone["HostedZone"]["Name"]) == (f"/hostedzone/{ID}", f"{NAME}.")
    assert len(zone["DelegationSet"]["NameServers"]) == 4
    records = aws.client("route53").list_resource_record_sets(HostedZoneId=ID)["ResourceRecordSets"]
    assert sorted(each["Type"] for each in records) == ["NS", "SOA"]


def test_asking_again_leaves_its_records_alone_and_it_goes_only_without_them(aws: Running) -> None:
    client = aws.client("route53")
    record = {"Name": f"a.{NAME}", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}

    def change(action: str) -> None:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        client.change_resource_record_sets(HostedZoneId=ID, ChangeBatch=batch)

    change("CREATE")
    aws.control(f"zones/{ID}/{NAME}")
    with pytest.raises(client.exceptions.HostedZoneNotEmpty):
        client.delete_hosted_zone(Id=ID)
    change("DELETE")
    client.delete_hosted_zone(Id=ID)
    assert client.list_hosted_zones()["HostedZones"] == []
    aws.control(f"zones/{ID}/{NAME}")


@pytest.mark.parametrize("path", ["zones/z1/a.net", "zones/Z0123456789ABC/net", "zones/Z0123456789ABC"])
def test_what_can_be_no_zone_is_no_control(aws: Running, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        aws.control(path)

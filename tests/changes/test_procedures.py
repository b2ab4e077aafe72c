"""Changes that take an order of stacks or several steps, each as `docs/changes.md` has it."""

from __future__ import annotations

import json
import subprocess
import tarfile
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from contract.parameters import HOSTED_ZONE_ID
from drills.embedded.process import EmbeddedAws
from operations.endpoint import ApiClient
from operations.errors import OperationError
from operations.failback import fail_back
from operations.failover import fail_over
from operations.global_database import ledger_state
from tests.changes.stage import DOMAIN, LONG, PATIENCE_SECONDS, REGIONS, ROOT, Stage, synthesized

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = LONG

SECONDARY_FIRST = ("SecondaryRegionStack", "PrimaryRegionStack", "GlobalStack")
LAST_RELEASE = "4fc4081ac5225903c8e7ed2219596b2a17cdd135"
"""The commit of 0.2.0: a ledger of an older one is not migrated, because migrations were rewritten once in 0.2.0."""


def versions(stage: Stage) -> set[str]:
    """The versions of both clusters and of their global database."""
    deployment = stage.deployment
    clusters = [
        stage.endpoint.rds(region).describe_db_clusters(DBClusterIdentifier=deployment.cluster_arn(region))
        for region in REGIONS.both
    ]
    together = stage.endpoint.rds(REGIONS.primary).describe_global_clusters(
        GlobalClusterIdentifier=deployment.global_cluster
    )
    return {each["DBClusters"][0]["EngineVersion"] for each in clusters} | {
        together["GlobalClusters"][0]["EngineVersion"]
    }


def test_a_minor_engine_version_goes_to_the_secondary_first_and_to_the_primary_never_before_it(staging: Stage) -> None:
    staging.change(('engine_version = "16.8"', 'engine_version = "16.9"'))
    assembly = staging.synthesize()
    with staging.traffic():
        with pytest.raises(OperationError, match="deploy failed"):
            staging.deploy("PrimaryRegionStack", assembly=assembly)
        staging.deploy(*SECONDARY_FIRST, assembly=assembly)
    assert versions(staging) == {"16.9"}


def test_a_stage_is_deployed_again_while_the_roles_are_swapped_and_the_writer_stays(staging: Stage) -> None:
    quiet = {"say": lambda _: None, "reason": "test"}
    fail_over(staging.endpoint, staging.deployment, planned=True, timeout_seconds=PATIENCE_SECONDS, **quiet)  # type: ignore[arg-type]
    staging.change(("sweep_margin_seconds = 86400", "sweep_margin_seconds = 43200"))
    with staging.traffic():
        staging.deploy()
        staging.post(REGIONS.secondary, count=3)
    assert ledger_state(staging.endpoint, staging.deployment, REGIONS.secondary).writer_region == REGIONS.secondary
    fail_back(
        staging.endpoint,
        staging.deployment,
        wait_seconds=PATIENCE_SECONDS,
        timeout_seconds=PATIENCE_SECONDS,
        **quiet,  # type: ignore[arg-type]
    )
    staging.post(count=3)
    staging.assert_nothing_is_lost()


def status_of_a_signed_request(stage: Stage) -> int:
    """What the API answers a request that is signed for IAM."""
    with ApiClient(stage.endpoint, stage.deployment.api_urls, timeout_seconds=20) as client:
        return client.request(REGIONS.primary, "GET", "/transactions/00000000000000000000000000000000")[0]


def test_authorization_changes_to_tokens_and_back(staging: Stage) -> None:
    kept = staging.settings
    assert status_of_a_signed_request(staging) not in {401, 403}
    issuer = 'jwt_issuer = "https://issuer.example.com"\njwt_audience = "tandem"'
    staging.put("api", f'authorization = "jwt"\n{issuer}')
    staging.deploy()
    assert status_of_a_signed_request(staging) == 401
    staging.settings = kept
    staging.deploy()
    staging.post(count=3)
    staging.assert_nothing_is_lost()


def test_a_zone_that_was_created_gives_way_to_an_imported_one(staging: Stage) -> None:
    if "[domain]" not in staging.settings:
        staging.put("domain", f'name = "{DOMAIN}"')
        staging.deploy()
    created = staging.deployment.get(REGIONS.primary, HOSTED_ZONE_ID)
    route53 = staging.client("route53")
    zone = route53.create_hosted_zone(Name=DOMAIN, CallerReference="imported")["HostedZone"]["Id"].removeprefix(
        "/hostedzone/"
    )
    staging.put("domain", f'zone = "imported"\nhosted_zone_id = "{zone}"')
    with staging.traffic():
        staging.deploy(*SECONDARY_FIRST)
    assert staging.deployment.get(REGIONS.primary, HOSTED_ZONE_ID) == zone != created
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert sorted(each["Failover"] for each in records if "Failover" in each) == ["PRIMARY", "SECONDARY"]
    zones = {each["Id"].removeprefix("/hostedzone/") for each in route53.list_hosted_zones()["HostedZones"]}
    assert created not in zones


def test_a_second_stage_comes_beside_the_first_in_the_same_account(staging: Stage) -> None:
    before = staging.deployment.parameters
    second = Stage(staging.url, "second", staging.work.with_name("second"))
    second.change((r'\[domain\]\nname = "[^"]*"\n', ""))
    with staging.traffic():
        second.first()
    second.post(count=3)
    second.assert_nothing_is_lost()
    assert staging.deployment.parameters == before


def test_a_major_engine_version_goes_through_the_global_database_and_settings_follow(staging: Stage) -> None:
    [version] = versions(staging)
    cluster = staging.deployment.global_cluster
    rds = staging.endpoint.rds(REGIONS.primary)
    with pytest.raises(rds.exceptions.ClientError, match="AllowMajorVersionUpgrade"):
        rds.modify_global_cluster(GlobalClusterIdentifier=cluster, EngineVersion="17.5")
    rds.modify_global_cluster(GlobalClusterIdentifier=cluster, EngineVersion="17.5", AllowMajorVersionUpgrade=True)
    staging.change((f'engine_version = "{version}"', 'engine_version = "17.5"'))
    with staging.traffic():
        staging.deploy()
    assert versions(staging) == {"17.5"}


def test_the_last_release_is_updated_to_this_one(tmp_path: Path) -> None:
    source = _checkout(LAST_RELEASE, tmp_path / "release")
    folder = ROOT / "build" / "tests" / "last-release"
    with EmbeddedAws(REGIONS, state=folder / "emulator", lag_milliseconds=80) as aws:
        stage = Stage(aws.url, "staging", folder / "work")
        old = (source / "settings" / "staging.toml").read_text(encoding="utf-8")
        stage.first(assembly=synthesized(old, stage.name, folder / "old", source=source))
        stage.post(count=20)
        with stage.traffic():
            stage.deploy()
        stage.post(REGIONS.secondary, count=3)
        stage.assert_nothing_is_lost()


def _checkout(commit: str, folder: Path) -> Path:
    """The checkout at a commit, with functions that hold its own code and this checkout's libraries."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    if archive.returncode:
        pytest.skip(f"this checkout has no history back to {commit}: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    bundles = folder / "build" / "functions"
    bundles.mkdir(parents=True)
    own = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for root in (folder, folder / "runtime")
        for package in ("contract", "tandem_runtime")
        for path in (root / package).rglob("*")
        if path.is_file()
    }
    for bundle in (ROOT / "build" / "functions").glob("*.zip"):
        _repacked(bundle, bundles / bundle.name, own.items())
    return folder


def _repacked(bundle: Path, target: Path, own: Iterable[tuple[str, bytes]]) -> None:
    """Copy an archive of a function with our own modules exchanged."""
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in source.infolist():
            if not each.filename.startswith(("contract/", "tandem_runtime/")):
                packed.writestr(each, source.read(each))
        for name, content in own:
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)


def test_the_archives_of_the_last_release_hold_what_its_commit_holds(tmp_path: Path) -> None:
    source = _checkout(LAST_RELEASE, tmp_path / "release")
    with zipfile.ZipFile(source / "build" / "functions" / "transactions.zip") as packed:
        name = "tandem_runtime/transactions/handler.py"
        assert packed.read(name) == (source / "runtime" / name).read_bytes()
        assert json.loads((source / "cdk.json").read_text())["app"]

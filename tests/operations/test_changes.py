"""What a deployed stage cannot take is said in one line each, before anything is touched."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from contract import parameters
from contract.fixed_settings import Fixed, fixed_settings, read, with_domain, written
from operations import changes
from operations.changes import deployed_settings, differences, refused_changes
from operations.deployment import Deployment, Regions
from operations.errors import CredentialsError, OperationError, WrongInputError
from stacks.settings.stage import load

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTINGS = Path(__file__).parents[2] / "settings"
STAGING = fixed_settings(tomllib.loads((SETTINGS / "staging.toml").read_text()))
CHANGES = {
    "topology": "single",
    "regions.primary": "eu-west-1",
    "regions.secondary": "eu-west-1",
    "regions.witness": "us-east-2",
    "journal.consistency": "strong",
    "networks.primary.cidr": "10.99.0.0/16",
    "networks.secondary.cidr": "10.99.0.0/16",
    "networks.primary.availability_zones": "us-east-1a,us-east-1c",
    "networks.secondary.availability_zones": "us-west-2a",
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_setting_that_never_changes_is_refused_in_one_line(key: str) -> None:
    [line] = differences(STAGING | {key: CHANGES[key]}, STAGING)
    assert line.startswith(f"{key} = {CHANGES[key]!r}, but {STAGING[key]!r} is deployed")
    assert "\n" not in line


def test_every_fixed_setting_is_among_those_that_are_refused() -> None:
    assert set(CHANGES) == set(STAGING)


def test_zones_that_change_places_are_refused_and_one_at_the_end_is_not() -> None:
    key = "networks.primary.availability_zones"
    assert differences(STAGING | {key: f"{STAGING[key]},us-east-1c"}, STAGING) == ()
    assert differences(STAGING | {key: ",".join(reversed(STAGING[key].split(",")))}, STAGING) != ()


def test_a_domain_keeps_its_name_and_may_come_and_go() -> None:
    regions = {"us-east-1": {parameters.ROLE: "primary", parameters.API_NAME: "api.tandem.example.com"}}
    deployed = deployed_settings(regions)
    [line] = differences(with_domain(STAGING, "other.example.com"), deployed)
    assert line.startswith("domain.name = 'other.example.com', but 'tandem.example.com' is deployed")
    assert differences(with_domain(STAGING, ""), deployed) == ()
    assert differences(with_domain(STAGING, "tandem.example.com"), {}) == ()


def test_another_topology_is_the_only_line() -> None:
    dev = fixed_settings(tomllib.loads((SETTINGS / "dev.toml").read_text()))
    [line] = differences(dev, STAGING)
    assert line.startswith("topology = 'single'")


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_what_stacks_publish_is_what_the_file_says(stage: str) -> None:
    published = written(fixed_settings(load(stage, SETTINGS, account="000000000000").model_dump()))
    assert read(published) == fixed_settings(tomllib.loads((SETTINGS / f"{stage}.toml").read_text()))


def test_a_region_knows_its_own_network_best() -> None:
    zones = "networks.primary.availability_zones"
    grown = STAGING | {zones: f"{STAGING[zones]},us-east-1c"}
    regions = {
        "us-west-2": {parameters.ROLE: "secondary", parameters.FIXED_SETTINGS: written(STAGING)},
        "us-east-1": {parameters.ROLE: "primary", parameters.FIXED_SETTINGS: written(grown)},
    }
    assert deployed_settings(regions) == grown
    assert deployed_settings(dict(reversed(regions.items()))) == grown


def test_a_release_without_the_parameter_tells_topology_and_regions() -> None:
    regions = {
        "us-east-1": {parameters.ROLE: "primary", parameters.TOPOLOGY: "dual"},
        "us-west-2": {parameters.ROLE: "secondary", parameters.TOPOLOGY: "dual"},
    }
    told = deployed_settings(regions)
    assert told == {"topology": "dual", "regions.primary": "us-east-1", "regions.secondary": "us-west-2"}
    assert differences(STAGING, told) == ()


def test_a_parameter_that_holds_something_else_is_named() -> None:
    with pytest.raises(OperationError, match=r"parameter fixed-settings in us-east-1: '\[\]' is no object"):
        deployed_settings({"us-east-1": {parameters.FIXED_SETTINGS: "[]"}})


class Account:
    """An account whose Regions hold parameters, and whose buckets are listed, or not."""

    def __init__(self, buckets: list[str] | None, regions: dict[str, dict[str, str]]) -> None:
        self._buckets, self._regions = buckets, regions

    def buckets(self, _: str) -> Account:
        return self

    def list_buckets(self) -> dict[str, Any]:
        if self._buckets is None:
            raise EndpointConnectionError(endpoint_url="s3")
        return {"Buckets": [{"Name": name} for name in self._buckets]}

    def find(self, endpoint: Any, stage: str, regions: Regions, *, ask: Sequence[str]) -> Deployment:
        assert endpoint is self
        values = {region: self._regions.get(region, {}) for region in ask}
        if not any(values.values()):
            raise WrongInputError("stage is not deployed")
        return Deployment(stage=stage, regions=regions, parameters=values)


def asked(account: Account, monkeypatch: pytest.MonkeyPatch, folder: Path, *edits: tuple[str, str]) -> tuple[str, ...]:
    """What is refused of staging's settings with `edits`."""
    text = (SETTINGS / "staging.toml").read_text()
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    (folder / "staging.toml").write_text(text)
    monkeypatch.setattr(changes, "find_deployment", account.find)
    return refused_changes(account, "staging", folder)  # type: ignore[arg-type] # an account in an endpoint's place


def told(fixed: Fixed) -> dict[str, str]:
    return {parameters.ROLE: "primary", parameters.FIXED_SETTINGS: written(fixed)}


def test_nothing_is_refused_before_the_first_deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert asked(Account([], {}), monkeypatch, tmp_path) == ()


def test_a_stage_moved_to_regions_of_which_none_is_its_own_is_found_by_its_buckets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    buckets = ["tandem-documents-staging-us-east-1-123456789012", "tandem-documents-staging-2-us-east-1-123456789012"]
    account = Account(buckets, {"us-east-1": told(STAGING)})
    lines = asked(account, monkeypatch, tmp_path, ("us-east-1", "eu-west-1"), ("us-west-2", "eu-west-2"))
    assert [line.split(" = ")[0] for line in lines] == [
        "networks.primary.availability_zones",
        "networks.secondary.availability_zones",
        "regions.primary",
        "regions.secondary",
    ]


def test_where_buckets_cannot_be_listed_the_named_regions_are_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    account = Account(None, {"us-east-1": told(STAGING)})
    [line] = asked(account, monkeypatch, tmp_path, ("10.30.0.0/16", "10.32.0.0/16"))
    assert line.startswith("networks.primary.cidr = '10.32.0.0/16', but '10.30.0.0/16' is deployed")


def test_refused_credentials_are_not_taken_for_a_stage_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    account = Account([], {})

    def refuse(*_: Any, **__: Any) -> Deployment:
        raise CredentialsError("the token has expired: sign in again")

    monkeypatch.setattr(account, "find", refuse)
    with pytest.raises(CredentialsError, match="expired"):
        asked(account, monkeypatch, tmp_path)

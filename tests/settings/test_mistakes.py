from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore.session import Session

from contract.patterns import EMBEDDED_ACCOUNT
from stacks.settings.regions import KNOWN_REGIONS
from stacks.settings.stage import Settings, SettingsError, load
from stacks.settings.tables import Ledger

ROOT = Path(__file__).parents[2]
ACCOUNT = "000000000000"

SECONDARY_CIDR = 'cidr = "10.41.0.0/16"'
DOMAIN = 'name = "tandem.example.com"'
MISTAKES = {
    "an unknown key in a table": (
        SECONDARY_CIDR,
        f"{SECONDARY_CIDR}\nzones = 3",
        "networks.secondary.zones is not a known key: remove it, or use one of availability_zones, cidr",
    ),
    "an unknown table": ("[documents]", "[queues]\nsize = 1\n[documents]", "queues is not a known key: remove it"),
    "a table that is there twice": ("[recovery]", "[recovery]\n[recovery]", "not TOML: Cannot declare"),
    "a fraction for an integer": ("readers = 1", "readers = 1.5", "ledger.readers = 1.5: must be a whole number"),
    "a string for a boolean": ("retain = true", 'retain = "yes"', "retain = 'yes': must be true or false"),
    "an integer for a string": (DOMAIN, "name = 7", "domain.name = 7: must be a string, in quotes"),
    "a string for a list": ("retain = true", 'retain = true\nnotify = "a@b.com"', "notify = 'a@b.com': must be a list"),
    "a missing table": ('[documents]\nreplication = "time-control"', "", "documents is missing: add it"),
    "an address with host bits": (SECONDARY_CIDR, 'cidr = "10.41.0.1/16"', "'10.41.0.1/16' is not an IPv4 network"),
    "a Region that is none": ('secondary = "us-west-2"', 'secondary = "Oregon"', "'Oregon': must be a region such as"),
    "a Region that does not exist": (
        'secondary = "us-west-2"',
        'secondary = "us-west-9"',
        "regions.secondary = 'us-west-9': must be a region that exists",
    ),
    "a Region of GovCloud": (
        'secondary = "us-west-2"',
        'secondary = "us-gov-west-1"',
        "must be a region of the partition aws: AWS GovCloud is not supported",
    ),
    "a Region of China": (
        'secondary = "us-west-2"',
        'secondary = "cn-north-1"',
        "must be a region of the partition aws: AWS in China is not supported",
    ),
    "a link-local network": (SECONDARY_CIDR, 'cidr = "169.254.0.0/16"', "'169.254.0.0/16' is no range of a VPC"),
    "a multicast network": (SECONDARY_CIDR, 'cidr = "224.1.0.0/16"', "'224.1.0.0/16' is no range of a VPC"),
    "a contact that is there twice": (
        "retain = true",
        'retain = true\nnotify = ["ops@a.io", "Ops@a.io"]',
        "notify names 'Ops@a.io' twice",
    ),
    "a name too long for DNS": (DOMAIN, f'name = "{".".join(["a" * 60] * 4)}.example.com"', "must be a domain name"),
    "an API's name too long for DNS": (
        DOMAIN,
        f'name = "{".".join(["a" * 60] * 3)}.{"a" * 56}.example.com"',
        "characters, and a name has 253 at most",
    ),
    "a name too long for a certificate": (
        DOMAIN,
        f'name = "{"a" * 50}.example.com"\nzone = "imported"\nhosted_zone_id = "Z0123456789"',
        "of 66 characters, and a certificate's name has 64 at most",
    ),
    "an engine that cannot pause": (
        'engine_version = "16.8"\nreaders = 1\nminimum_capacity = 1.0',
        'engine_version = "16.2"\nreaders = 1\nminimum_capacity = 0.0',
        "engine_version '16.2' does not scale to 0.0",
    ),
    "a lock where nothing is kept": ("retain = true", "retain = false", "backup.lock = true keeps every vault"),
    "a zone of another Region": ('"us-west-2c"', '"us-east-1c"', "'us-east-1c' is not in us-west-2"),
    "a witness that is the primary": ('witness = "us-east-2"', 'witness = "us-east-1"', "must be a third region"),
    "a strong journal without a witness": ('witness = "us-east-2"', "", "regions.witness is missing"),
    "a domain in Unicode": (DOMAIN, 'name = "tändem.example.com"', "must be a domain name in lower case"),
    "a scope where IAM authorizes": (
        "[recovery]",
        '[api]\njwt_read_scope = "read"\n[recovery]',
        "authorization 'iam' uses no jwt_read_scope: remove it, or set authorization = 'jwt'",
    ),
    "a scope that is two": (
        "[recovery]",
        '[api]\nauthorization = "jwt"\njwt_write_scope = "two words"\n[recovery]',
        "must be a scope of 1 to 64 characters such as tandem/read",
    ),
    "an audience where IAM authorizes": (
        "[recovery]",
        '[api]\njwt_audience = "clients"\n[recovery]',
        "authorization 'iam' uses no jwt_audience: remove it",
    ),
    "a capacity below its minimum": ("maximum_capacity = 32.0", "maximum_capacity = 0.5", "must be 1.0 or more"),
    "a capacity that is no number": ("maximum_capacity = 32.0", "maximum_capacity = nan", "must be a finite number"),
    "zones listed twice": ('"us-west-2c"', '"us-west-2b"', "'us-west-2b' is listed twice"),
    "one zone": ('"us-west-2b", "us-west-2c"', "", "must have at least 2 values"),
    "not a network": (SECONDARY_CIDR, 'cidr = "10.41.0.0/99"', "'10.41.0.0/99' is not an IPv4 network"),
    "a capacity range upside down": (
        "minimum_capacity = 1.0",
        "minimum_capacity = 64.0",
        "is above maximum_capacity 32.0",
    ),
    "a capacity that Aurora does not know": (
        "minimum_capacity = 1.0",
        "minimum_capacity = 1.3",
        "must be a multiple of 0.5",
    ),
    "an id of a zone that is yet to be created": (
        DOMAIN,
        f'{DOMAIN}\nhosted_zone_id = "Z0123456789"',
        "zone 'created' has no hosted_zone_id yet",
    ),
    "an id of a zone of the stage's own": (
        DOMAIN,
        f'{DOMAIN}\nzone = "delegated"\nhosted_zone_id = "Z0123456789"',
        "zone 'delegated' has no hosted_zone_id: remove it",
    ),
    "a parent that is not delegated from": (
        DOMAIN,
        f'{DOMAIN}\nzone = "imported"\nhosted_zone_id = "Z0123456789"\nparent_name = "example.com"',
        "zone 'imported' has no parent_name",
    ),
    "a contact, and the word that there is none": (
        "retain = true",
        'retain = true\nnotify_nobody = true\nnotify = ["ops@a.io"]',
        "notify_nobody = true, and notify names 'ops@a.io': leave one of them out",
    ),
    "a string for a table": ("[recovery]", "[api.rate]\n[recovery]", "api.rate = {}: must be a whole number"),
    "a line break in a value": (
        'environment = "production"',
        'environment = "a\\nb"',
        "environment = 'a\\nb': must be",
    ),
}


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = (ROOT / "settings" / "prod.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "prod.toml").write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path


def told(folder: Path, notify: str = 'notify = ["ops@tandem.io"]') -> Path:
    """The stage with somebody to be told of its alarms."""
    text = (folder / "prod.toml").read_text(encoding="utf-8")
    (folder / "prod.toml").write_text(text.replace("retain = true", f"retain = true\n{notify}"), encoding="utf-8")
    return folder


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_stage_loads(stage: str) -> None:
    assert load(stage, ROOT / "settings", account=ACCOUNT).stage == stage


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_names_file_and_cause(mistake: str, tmp_path: Path) -> None:
    old, new, expected = MISTAKES[mistake]
    folder = edited(tmp_path, old, new)
    with pytest.raises(SettingsError) as error:
        load("prod", folder, account=ACCOUNT)
    message = str(error.value)
    assert "\n" not in message
    assert str(folder / "prod.toml") in message
    assert expected in message


def test_a_stage_without_settings_names_those_that_have_some() -> None:
    with pytest.raises(SettingsError, match="dev, prod, staging"):
        load("test", ROOT / "settings", account=ACCOUNT)


@pytest.mark.parametrize("stage", ["../prod", "Prod", "p", "prod\n", "a" * 17, "prod-", "-prod", "my--prod"])
def test_what_is_no_name_is_not_a_stage(stage: str) -> None:
    with pytest.raises(SettingsError, match="is not a name: use 2 to 16") as error:
        load(stage, ROOT / "settings", account=ACCOUNT)
    assert "\n" not in str(error.value)


def test_a_folder_in_the_files_place_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "prod.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load("prod", tmp_path, account=ACCOUNT)


@pytest.mark.parametrize("content", [b"# nothing yet\n", b"\n\n"])
def test_a_file_that_sets_nothing_is_said_to_be_empty(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "prod.toml").write_bytes(content)
    with pytest.raises(SettingsError, match="is empty: write the stage's settings"):
        load("prod", tmp_path, account=ACCOUNT)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "prod.toml").write_bytes(b"\xef\xbb\xbf" + (ROOT / "settings" / "prod.toml").read_bytes())
    assert load("prod", tmp_path, account=ACCOUNT).stage == "prod"


def test_settings_cannot_be_changed_after_loading() -> None:
    settings: Settings = load("dev", ROOT / "settings", account=ACCOUNT)
    with pytest.raises(ValueError, match="frozen"):
        settings.retain = True


@pytest.mark.parametrize(
    "name",
    [
        *("example.com", "tandem.example.net", "a.b.example.org"),
        *("tandem.example", "tandem.test", "tandem.invalid", "tandem.localhost"),
    ],
)
def test_a_reserved_domain_is_for_the_embedded_aws_alone(name: str, tmp_path: Path) -> None:
    folder = edited(tmp_path, DOMAIN, f'name = "{name}"')
    taken = load("prod", folder, account=EMBEDDED_ACCOUNT).domain
    assert taken is not None
    assert taken.name == name
    with pytest.raises(SettingsError, match=f"{re.escape(repr(name))} is reserved .*: set a domain of yours") as error:
        load("prod", folder, account="123456789012")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["tandem.myexample.com", "example.com.au", "latest.dev", "example.company.io"])
def test_a_domain_that_only_looks_reserved_is_taken(name: str, tmp_path: Path) -> None:
    folder = told(edited(tmp_path, DOMAIN, f'name = "{name}"'))
    taken = load("prod", folder, account="123456789012").domain
    assert taken is not None
    assert taken.name == name


def test_a_stage_needs_no_domain_wherever_it_is_deployed(tmp_path: Path) -> None:
    folder = told(edited(tmp_path, f"[domain]\n{DOMAIN}\n", ""))
    for account in (EMBEDDED_ACCOUNT, "123456789012"):
        assert load("prod", folder, account=account).domain is None


def test_what_is_retained_is_not_deployed_to_aws_while_nobody_hears_its_alarms(tmp_path: Path) -> None:
    folder = edited(tmp_path, DOMAIN, 'name = "tandem.io"')
    assert load("prod", folder, account=EMBEDDED_ACCOUNT).notify == ()
    with pytest.raises(SettingsError, match="add a contact, or set notify_nobody = true") as error:
        load("prod", folder, account="123456789012")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("notify", ['notify = ["ops@tandem.io"]', "notify_nobody = true"])
def test_a_contact_or_the_word_that_there_is_none_lets_it_be_deployed(notify: str, tmp_path: Path) -> None:
    folder = told(edited(tmp_path, DOMAIN, 'name = "tandem.io"'), notify)
    assert load("prod", folder, account="123456789012").retain


def test_the_known_regions_are_those_of_the_services_that_a_stage_needs() -> None:
    services = ("apigatewayv2", "backup", "dynamodb", "lambda", "rds")
    offered = (set(Session().get_available_regions(service)) for service in services)
    assert set.intersection(*offered) == KNOWN_REGIONS


@pytest.mark.parametrize(("version", "pauses"), [("15.6", False), ("15.7", True), ("16.3", True), ("17.4", True)])
def test_an_engine_pauses_from_the_version_on_that_aws_names(version: str, *, pauses: bool) -> None:
    try:
        Ledger(engine_version=version, minimum_capacity=0.0)
    except ValueError as error:
        assert "does not scale to 0.0" in str(error)  # noqa: PT017 - both outcomes are judged
        assert not pauses
    else:
        assert pauses

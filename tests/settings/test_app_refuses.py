"""Mistakes as a person meets them: the app itself, run on a settings file that is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROD = (ROOT / "settings" / "prod.toml").read_text(encoding="utf-8")
ACCOUNT = "000000000000"
SECONDARY_CIDR = 'cidr = "10.41.0.0/16"'
DOMAIN = 'name = "tandem.example.com"'


def run(
    folder: Path, *, stage: str = "prod", account: str | None = ACCOUNT, **more: str
) -> subprocess.CompletedProcess[str]:
    """The app as the CDK CLI starts it, with `folder/settings` instead of the checkout's."""
    shutil.copy(ROOT / "app.py", folder)
    context = {"stage": stage, **({"account": account} if account else {}), **more}
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(folder / "cdk.out")}
    command = [sys.executable, "app.py"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def refused(folder: Path, done: subprocess.CompletedProcess[str]) -> str:
    """The one line that the app refused with; nothing was synthesized."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert not (folder / "cdk.out").exists()
    assert "Traceback" not in done.stderr
    [line] = done.stderr.splitlines()
    assert not line.endswith(".")
    return line


def written(folder: Path, content: str | bytes, *, name: str = "prod") -> Path:
    (folder / "settings").mkdir()
    data = content.encode() if isinstance(content, str) else content
    (folder / "settings" / f"{name}.toml").write_bytes(data)
    return folder


KINDS = {
    "an unknown key": (
        "retain = true",
        "retain = true\nretian = true",
        "retian is not a known key: did you mean",
    ),
    "broken TOML": ('stage = "prod"', "stage = prod", "not TOML: Invalid value (at line 2, column 9)"),
    "a string for an integer": ("readers = 1", 'readers = "1"', "ledger.readers = '1': must be a whole number"),
    "a boolean for an integer": ("readers = 1", "readers = true", "ledger.readers = true: must be a whole number"),
    "a negative number": ("readers = 1", "readers = -1", "ledger.readers = -1: must be 0 or more"),
    "overlapping networks": (SECONDARY_CIDR, 'cidr = "10.40.128.0/17"', "'10.40.128.0/17' overlaps '10.40.0.0/16'"),
    "a network that is too small": (
        SECONDARY_CIDR,
        'cidr = "10.41.0.0/28"',
        "'10.41.0.0/28' must have a prefix",
    ),
    "the same Region twice": ('secondary = "us-west-2"', 'secondary = "us-east-1"', "'us-east-1' is the primary"),
    "a witness of another set": (
        'witness = "us-east-2"',
        'witness = "eu-west-1"',
        "must be a third region",
    ),
    "a witness that is a replica": ('witness = "us-east-2"', 'witness = "us-west-2"', "must be a third region"),
    "a bad domain": (DOMAIN, 'name = "tandem..com"', "domain.name = 'tandem..com': must be a domain name"),
    "a bad e-mail address": (
        "retain = true",
        'retain = true\nnotify = ["ops@"]',
        "notify.0 = 'ops@': must be an",
    ),
    "an issuer without an audience": (
        "[recovery]",
        '[api]\nauthorization = "jwt"\njwt_issuer = "https://issuer.example.com"\n[recovery]',
        "authorization 'jwt' needs jwt_issuer and jwt_audience: jwt_issuer is given",
    ),
    "a huge number": ("readers = 1", f"readers = {'9' * 40}", "must be 15 or less"),
    "more digits than Python reads": ("readers = 1", f"readers = {'9' * 5000}", "not TOML: Exceeds the limit"),
    "a huge string": (DOMAIN, f'name = "{"x" * 100_000}"', "(100002 characters): must be a domain name"),
    "a line break in a key": ("retain = true", 'retain = true\n"re\\ntain" = 1', "'re\\ntain' is not a known key"),
    "a key in Unicode": ("retain = true", 'retain = true\n"rétain" = 1', "is not a known key: did you mean retain"),
}


@pytest.mark.parametrize("mistake", KINDS)
def test_the_app_answers_a_mistake_with_one_line_and_synthesizes_nothing(mistake: str, tmp_path: Path) -> None:
    old, new, expected = KINDS[mistake]
    assert old in PROD
    folder = written(tmp_path, PROD.replace(old, new))
    line = refused(folder, run(folder))
    assert line.startswith(f"{folder / 'settings' / 'prod.toml'}: ")
    assert expected in line
    assert len(line) < 500 + len(str(folder))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty: write the stage's settings"),
        (PROD.encode() + b"# \xff\n", "not UTF-8: byte 0xff at offset"),
    ],
    ids=["empty", "not UTF-8"],
)
def test_a_file_that_cannot_be_read_is_said_to_be_so(content: bytes, expected: str, tmp_path: Path) -> None:
    folder = written(tmp_path, content)
    assert expected in refused(folder, run(folder))


def test_a_stage_without_a_file_is_answered_with_the_stages_that_have_one(tmp_path: Path) -> None:
    folder = written(tmp_path, PROD)
    line = refused(folder, run(folder, stage="production"))
    assert "production.toml: stage 'production' has no settings: use one of prod, or write the file" in line


@pytest.mark.parametrize("stage", ["", "prød", "my--prod", "prod-", "a-stage-of-17-let"])
def test_a_stage_that_is_no_name_is_refused(stage: str, tmp_path: Path) -> None:
    folder = written(tmp_path, PROD)
    assert "is not a name: use 2 to 16 lower-case letters" in refused(folder, run(folder, stage=stage))


def test_a_real_deploy_without_an_account_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, PROD)
    assert "account is missing: give the 12 digits" in refused(folder, run(folder, account=None))


@pytest.mark.parametrize("account", ["12345"])
def test_an_account_that_is_none_is_refused(account: str, tmp_path: Path) -> None:
    folder = written(tmp_path, PROD)
    expected = f"account = {account!r}: must be the 12 digits of an AWS account"
    assert expected in refused(folder, run(folder, account=account))


def test_a_deploy_of_the_shipped_settings_to_aws_is_told_to_set_a_domain(tmp_path: Path) -> None:
    folder = written(tmp_path, PROD)
    line = refused(folder, run(folder, account="123456789012"))
    assert "domain.name 'tandem.example.com' is reserved and works in the embedded AWS only: set a domain" in line
    assert "123456789012" in line


def test_a_word_that_says_neither_that_a_zone_is_delegated_nor_that_it_is_not_is_refused(tmp_path: Path) -> None:
    line = refused(tmp_path, run(written(tmp_path, PROD), delegated="yes"))
    assert line == "context delegated = 'yes': it must be true or false"
